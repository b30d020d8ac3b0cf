"""Names that both sides of the seam must spell alike: what the compiler writes and what runs in AWS."""

GRAPH_FILE = "graph.json"
"""Beside the plan function's index.py."""

CLAIM_BUCKET = "CLAIM_BUCKET"
CLAIM_KEY = "CLAIM_KEY"
"""Environment variables of every function that holds the claim, and of the plan function."""

CONTAINER_VARIABLES = ("TASK_TOKEN", "EXECUTION", "UNIT", "WORDS", "PARTITION", "REDRIVE", "HEARTBEAT_S")
"""Environment variables of a container run, in the order of the override."""

ANSWER_MAX_BYTES = 200_000
"""Step Functions takes 262,144 bytes of state; what a function answers stays under it with room for the rest."""
