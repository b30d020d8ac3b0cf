resource "aws_cloudwatch_log_group" "function" {
  for_each = local.functions

  name              = "/aws/lambda/${each.key}${var.name_suffix}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_lambda_layer_version" "this" {
  for_each = local.layers

  layer_name               = "dpc-${each.key}${var.name_suffix}"
  description              = join(" ", [for line in each.value.requirements : split(" ", line)[0]])
  filename                 = "${var.dist_dir}/${each.value.file}"
  compatible_runtimes      = ["python3.11"]
  compatible_architectures = ["x86_64"]

  # A layer is made anew when its requirements change; the manifest knows their digest, not the zip's.
  source_code_hash = each.value.sha256

  lifecycle {
    precondition {
      condition     = !var.bundles_required || fileexists("${var.dist_dir}/${each.value.file}")
      error_message = "Layer ${each.key}: expected ${var.dist_dir}/${each.value.file}, found no such file. Run `dpc-compile build --layers`, then plan again."
    }
  }
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_115:A new account may run 10 functions at once and Lambda refuses to reserve any of them; the machine's own concurrency bounds ours
  #checkov:skip=CKV_AWS_116:Step Functions waits for the answer of every function but dpc-notice, whose failed events go to the queue (dead_letter_config below)
  #checkov:skip=CKV_AWS_117:No function is inside a VPC: they reach AWS over its public endpoints with TLS and IAM, the warehouse over its Data API, and there is neither a NAT nor an endpoint to pay for
  #checkov:skip=CKV_AWS_272:The digest in the committed manifest says which code may be uploaded, and the precondition below refuses any other; a signing profile would say it a second time
  for_each = local.functions

  function_name = "${each.key}${var.name_suffix}"
  description   = "Runs ${each.value.runs}"
  role          = var.role_arns[local.role_keys[each.value.role]]
  runtime       = each.value.runtime
  architectures = ["x86_64"] # layers are built of x86-64 wheels
  handler       = each.value.handler
  memory_size   = each.value.memory_mb
  timeout       = each.value.timeout_s
  kms_key_arn   = var.kms_key_arn

  filename = "${var.dist_dir}/${each.value.file}"
  # From the manifest, not from the file: a plan shows the functions whose committed code changed, on any machine.
  source_code_hash = each.value.source_code_hash

  # A name of the manifest is a layer of ours; anything else is an ARN or a hole for one.
  layers = [
    for layer in each.value.layers :
    contains(keys(local.layers), layer) ? aws_lambda_layer_version.this[layer].arn : lookup(var.holes, trim(trimprefix(layer, "$"), "{}"), layer)
  ]

  ephemeral_storage {
    size = each.value.ephemeral_mb
  }

  environment {
    variables = local.environments[each.key]
  }

  tracing_config {
    mode = "Active"
  }

  dynamic "dead_letter_config" {
    for_each = contains(keys(local.asynchronous), each.key) ? [aws_sqs_queue.undelivered.arn] : []
    content {
      target_arn = dead_letter_config.value
    }
  }

  lifecycle {
    precondition {
      condition     = each.value.runtime == "python3.11"
      error_message = "Function ${each.key}: expected runtime python3.11, found ${each.value.runtime}. Compile with this repository's compiler: make compile."
    }
    precondition {
      condition     = !var.bundles_required || fileexists("${var.dist_dir}/${each.value.file}")
      error_message = "Function ${each.key}: expected ${var.dist_dir}/${each.value.file}, found no such file. Run `make compile`, then plan again."
    }
    precondition {
      condition     = try(filebase64sha256("${var.dist_dir}/${each.value.file}"), each.value.source_code_hash) == each.value.source_code_hash
      error_message = "Function ${each.key}: ${var.dist_dir}/${each.value.file} is not the file that the manifest describes (expected SHA-256 ${each.value.source_code_hash} in base64). Run `make compile` on the committed sources, then plan again."
    }
  }

  # Lambda makes a missing log group itself: one that nothing encrypts and nothing expires.
  depends_on = [aws_cloudwatch_log_group.function]
}

resource "aws_lambda_function_event_invoke_config" "asynchronous" {
  for_each = local.asynchronous

  function_name                = aws_lambda_function.this[each.key].function_name
  maximum_retry_attempts       = 2
  maximum_event_age_in_seconds = 3600 # older news of a failure goes to the queue
}
