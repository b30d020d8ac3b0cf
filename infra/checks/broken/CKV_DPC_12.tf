data "archive_file" "broken" {
  type        = "zip"
  source_dir  = "src"
  output_path = "function.zip"
}
