version = "1.11.1"
