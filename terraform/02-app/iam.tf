# Two roles.  ECS itself uses the execution role, to fetch the image and to
# write the log.  What runs in the task, sqsherd and the handlers, has the task
# role; attach what your handler needs to it (output task_role_name).

data "aws_partition" "current" {}

locals {
  arn_prefix = "arn:${data.aws_partition.current.partition}"
  here       = "${var.region}:${var.account_id}"

  # account.dkr.ecr.region.amazonaws.com/name, or null if it is not in ECR.
  ecr_image = try(regex("^(?P<account>[0-9]{12})[.]dkr[.]ecr[.](?P<region>[a-z0-9-]+)[.]amazonaws[.]com(?:[.]cn)?/(?P<name>[^:@]+)", var.image), null)
}

# Only ECS may assume the roles, and only for tasks of this account and region.
data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ecs-tasks.amazonaws.com"]
    }
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [var.account_id]
    }
    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = ["${local.arn_prefix}:ecs:${local.here}:*"]
    }
  }
}

# ---- the execution role ----

data "aws_iam_policy_document" "execution" {
  statement {
    sid       = "Log"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${local.arn_prefix}:logs:${local.here}:log-group:${local.log_group_name}:*"]
  }

  dynamic "statement" {
    for_each = local.ecr_image == null ? [] : [local.ecr_image]
    content {
      sid = "Image"
      actions = [
        "ecr:BatchCheckLayerAvailability",
        "ecr:BatchGetImage",
        "ecr:GetDownloadUrlForLayer",
      ]
      resources = ["${local.arn_prefix}:ecr:${statement.value.region}:${statement.value.account}:repository/${statement.value.name}"]
    }
  }

  dynamic "statement" {
    for_each = local.ecr_image == null ? [] : [local.ecr_image]
    content {
      sid       = "Login"
      actions   = ["ecr:GetAuthorizationToken"]
      resources = ["*"] # the action knows no other
    }
  }
}

resource "aws_iam_role" "execution" {
  name               = "${var.name}-execution"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "execution" {
  name   = "execution"
  role   = aws_iam_role.execution.id
  policy = data.aws_iam_policy_document.execution.json
}

# ---- the task role ----

data "aws_iam_policy_document" "task" {
  statement {
    sid = "Work"
    actions = [
      "sqs:ChangeMessageVisibility",
      "sqs:DeleteMessage",
      "sqs:GetQueueAttributes", # which dead-letter queue it has
      "sqs:ReceiveMessage",
    ]
    resources = [aws_sqs_queue.main.arn]
  }

  statement {
    sid       = "Reject"
    actions   = ["sqs:GetQueueUrl", "sqs:SendMessage"]
    resources = [aws_sqs_queue.dead_letter.arn]
  }

  # So that a scale-in stops a task that has nothing in hand.
  statement {
    sid       = "Protect"
    actions   = ["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"]
    resources = ["${local.arn_prefix}:ecs:${local.here}:task/${local.cluster_name}/*"]
  }

  # To read messages, and to send one to the dead-letter queue.
  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]
    content {
      sid       = "Key"
      actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
      resources = [statement.value]
    }
  }
}

resource "aws_iam_role" "task" {
  name               = "${var.name}-task"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "task" {
  name   = "task"
  role   = aws_iam_role.task.id
  policy = data.aws_iam_policy_document.task.json
}
