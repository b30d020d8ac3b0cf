"""Brings the AWS on a laptop up, deploys into it by Terraform, and takes it down. Runs in the project's environment."""
