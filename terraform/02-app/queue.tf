# The queue, and the dead-letter queue for messages that cannot be worked.

locals {
  fifo_suffix = var.fifo ? ".fifo" : ""

  # sqsherd sends a visibility timeout of its own with each receive.  The
  # queue's is for other clients, and for the console.
  queue_visibility_timeout_s = 60
}

resource "aws_sqs_queue" "dead_letter" {
  name                      = "${var.name}-dead${local.fifo_suffix}"
  fifo_queue                = var.fifo ? true : null
  message_retention_seconds = var.dead_letter_retention_s

  sqs_managed_sse_enabled = var.kms_key_arn == null ? true : null
  kms_master_key_id       = var.kms_key_arn
}

resource "aws_sqs_queue" "main" {
  name                       = "${var.name}${local.fifo_suffix}"
  fifo_queue                 = var.fifo ? true : null
  message_retention_seconds  = var.message_retention_s
  visibility_timeout_seconds = local.queue_visibility_timeout_s
  receive_wait_time_seconds  = 20

  sqs_managed_sse_enabled = var.kms_key_arn == null ? true : null
  kms_master_key_id       = var.kms_key_arn

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letter.arn
    maxReceiveCount     = var.max_receive_count
  })
}

# No other queue may use this dead-letter queue.
resource "aws_sqs_queue_redrive_allow_policy" "dead_letter" {
  queue_url = aws_sqs_queue.dead_letter.id

  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.main.arn]
  })
}
