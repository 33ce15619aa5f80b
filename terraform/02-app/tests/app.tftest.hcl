# Against a mocked provider: the real schema and plan logic, but no AWS.

mock_provider "aws" {
  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:eu-west-1:111122223333:jobs"
      url = "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"
    }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111122223333:role/mocked" }
  }
  mock_resource "aws_ecs_cluster" {
    defaults = { arn = "arn:aws:ecs:eu-west-1:111122223333:cluster/jobs" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:eu-west-1:111122223333:task-definition/jobs:1" }
  }
  mock_resource "aws_appautoscaling_policy" {
    defaults = { arn = "arn:aws:autoscaling:eu-west-1:111122223333:scalingPolicy:1" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{\"Version\":\"2012-10-17\",\"Statement\":[]}" }
  }
  mock_data "aws_subnets" {
    defaults = { ids = ["subnet-0aaa", "subnet-0bbb"] }
  }
}

override_resource {
  target = aws_sqs_queue.dead_letter
  values = {
    arn = "arn:aws:sqs:eu-west-1:111122223333:jobs-dead"
    url = "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs-dead"
  }
}

variables {
  account_id       = "111122223333"
  region           = "eu-west-1"
  name             = "jobs"
  vpc_id           = "vpc-0123456789abcdef0"
  assign_public_ip = false
  image            = "111122223333.dkr.ecr.eu-west-1.amazonaws.com/jobs@sha256:0000000000000000000000000000000000000000000000000000000000000000"
}

# ---- what there is when little is said ----

run "defaults" {
  assert {
    condition = jsondecode(aws_sqs_queue.main.redrive_policy) == {
      deadLetterTargetArn = "arn:aws:sqs:eu-west-1:111122223333:jobs-dead"
      maxReceiveCount     = 5
    }
    error_message = "after five receives a message goes to the dead-letter queue"
  }
  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_allow_policy.dead_letter.redrive_allow_policy).sourceQueueArns == [aws_sqs_queue.main.arn]
    error_message = "only this queue may use it"
  }
  assert {
    condition     = aws_sqs_queue.main.sqs_managed_sse_enabled && aws_sqs_queue.dead_letter.sqs_managed_sse_enabled
    error_message = "both queues are encrypted"
  }
  assert {
    condition     = aws_sqs_queue.dead_letter.message_retention_seconds > aws_sqs_queue.main.message_retention_seconds
    error_message = "the dead-letter queue keeps messages for longer"
  }
  assert {
    condition     = aws_sqs_queue.main.name == "jobs" && aws_sqs_queue.dead_letter.name == "jobs-dead"
    error_message = "the names follow from the name"
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].readonlyRootFilesystem
    error_message = "the root file system is read-only"
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].user == "10001:10001"
    error_message = "it does not run as root"
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].linuxParameters.capabilities.drop == ["ALL"]
    error_message = "it has no capability"
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].healthCheck.command == ["CMD", "/usr/bin/sqsherdctl", "health"]
    error_message = "the health check needs no shell"
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].logConfiguration.options.mode == "non-blocking"
    error_message = "a slow log does not stop the work"
  }
  assert {
    condition     = length(aws_ecs_task_definition.this.volume) == 0
    error_message = "nothing can be written to unless asked for"
  }
  assert {
    condition     = aws_ecs_service.this.deployment_circuit_breaker[0].enable && aws_ecs_service.this.deployment_circuit_breaker[0].rollback
    error_message = "a deployment that fails is taken back"
  }
  assert {
    condition     = [for s in aws_ecs_service.this.capacity_provider_strategy : s.capacity_provider] == ["FARGATE"]
    error_message = "no Spot unless asked for"
  }
  assert {
    condition     = !aws_ecs_service.this.network_configuration[0].assign_public_ip && toset(aws_ecs_service.this.network_configuration[0].subnets) == toset(["subnet-0aaa", "subnet-0bbb"])
    error_message = "it runs in the VPC's subnets"
  }
  assert {
    condition     = length(aws_ecs_cluster.this) == 1 && length(aws_ecs_cluster_capacity_providers.this) == 1
    error_message = "a cluster is made when none is given"
  }
  assert {
    condition     = one(aws_ecs_cluster.this[0].setting).value == "enabled"
    error_message = "and counts its tasks"
  }
  assert {
    condition     = aws_appautoscaling_target.tasks.min_capacity == 1 && aws_appautoscaling_target.tasks.max_capacity == 1 && length(aws_appautoscaling_policy.backlog) == 0
    error_message = "one task, fixed, by default"
  }
  assert {
    condition     = length([for k, r in aws_vpc_security_group_egress_rule.ipv4 : k if k != "443"]) == 0
    error_message = "tasks reach nothing but HTTPS"
  }
  assert {
    condition     = length(aws_security_group.task.ingress) == 0
    error_message = "nothing reaches a task"
  }

  # The roles may do exactly this, on exactly these resources.
  assert {
    condition = toset(flatten([for s in data.aws_iam_policy_document.task.statement :
      [for pair in setproduct(s.actions, s.resources) : join(" ", pair)]])) == toset([
      "sqs:ChangeMessageVisibility arn:aws:sqs:eu-west-1:111122223333:jobs",
      "sqs:DeleteMessage arn:aws:sqs:eu-west-1:111122223333:jobs",
      "sqs:GetQueueAttributes arn:aws:sqs:eu-west-1:111122223333:jobs",
      "sqs:ReceiveMessage arn:aws:sqs:eu-west-1:111122223333:jobs",
      "sqs:GetQueueUrl arn:aws:sqs:eu-west-1:111122223333:jobs-dead",
      "sqs:SendMessage arn:aws:sqs:eu-west-1:111122223333:jobs-dead",
      "ecs:GetTaskProtection arn:aws:ecs:eu-west-1:111122223333:task/jobs/*",
      "ecs:UpdateTaskProtection arn:aws:ecs:eu-west-1:111122223333:task/jobs/*",
    ])
    error_message = "the task role has more or less than it needs"
  }
  assert {
    condition = toset(flatten([for s in data.aws_iam_policy_document.execution.statement :
      [for pair in setproduct(s.actions, s.resources) : join(" ", pair)]])) == toset([
      "logs:CreateLogStream arn:aws:logs:eu-west-1:111122223333:log-group:/sqsherd/jobs:*",
      "logs:PutLogEvents arn:aws:logs:eu-west-1:111122223333:log-group:/sqsherd/jobs:*",
      "ecr:BatchCheckLayerAvailability arn:aws:ecr:eu-west-1:111122223333:repository/jobs",
      "ecr:BatchGetImage arn:aws:ecr:eu-west-1:111122223333:repository/jobs",
      "ecr:GetDownloadUrlForLayer arn:aws:ecr:eu-west-1:111122223333:repository/jobs",
      "ecr:GetAuthorizationToken *",
    ])
    error_message = "the execution role has more or less than it needs"
  }
  assert {
    condition     = alltrue([for w in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : w.properties.region == "eu-west-1"])
    error_message = "each graph names the region"
  }
}

# ---- every option at once ----

run "options" {
  variables {
    children         = 8
    stop_timeout_s   = 120
    settings         = { job_timeout = "10m", retry_base = "1s" }
    environment      = { COLOUR = "blue" }
    command          = ["--", "/usr/local/bin/resize-image"]
    scratch_path     = "/scratch"
    architecture     = "ARM64"
    cluster_arn      = "arn:aws:ecs:eu-west-1:111122223333:cluster/shared"
    subnet_ids       = ["subnet-0123"]
    spot_percent     = 75
    min_count        = 0
    max_count        = 10
    backlog_per_task = 60
    fifo             = true
    kms_key_arn      = "arn:aws:kms:eu-west-1:111122223333:key/0000"
    image            = "registry.example/jobs:1"
    alarm_actions    = ["arn:aws:sns:eu-west-1:111122223333:oncall"]
  }

  assert {
    condition = { for v in jsondecode(aws_ecs_task_definition.this.container_definitions)[0].environment : v.name => v.value } == {
      AWS_REGION            = "eu-west-1"
      COLOUR                = "blue"
      SQSHERD_CHILDREN      = "8"
      SQSHERD_EMF           = "yes"
      SQSHERD_GRACE_TIMEOUT = "115s"
      SQSHERD_JOB_TIMEOUT   = "10m"
      SQSHERD_RETRY_BASE    = "1s"
      SQS_QUEUE_URL         = "https://sqs.eu-west-1.amazonaws.com/111122223333/jobs"
    }
    error_message = "settings and environment reach the container"
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].stopTimeout == 120
    error_message = "ECS waits for longer than the grace timeout"
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].command == ["--", "/usr/local/bin/resize-image"]
    error_message = "the command is passed on"
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.this.container_definitions)[0].mountPoints == [{ sourceVolume = "scratch", containerPath = "/scratch", readOnly = false }]
    error_message = "the scratch directory is mounted"
  }
  assert {
    condition     = one(aws_ecs_task_definition.this.volume).name == "scratch"
    error_message = "and there is a volume for it"
  }
  assert {
    condition     = aws_ecs_task_definition.this.runtime_platform[0].cpu_architecture == "ARM64"
    error_message = "it runs on ARM"
  }
  assert {
    condition     = length(aws_ecs_cluster.this) == 0 && aws_ecs_service.this.cluster == var.cluster_arn
    error_message = "a given cluster is used"
  }
  assert {
    condition     = aws_appautoscaling_target.tasks.resource_id == "service/shared/jobs"
    error_message = "and scaled in"
  }
  assert {
    condition     = { for s in aws_ecs_service.this.capacity_provider_strategy : s.capacity_provider => s.weight } == { FARGATE = 25, FARGATE_SPOT = 75 }
    error_message = "three quarters run on Spot"
  }
  assert {
    condition     = length(data.aws_subnets.vpc) == 0 && toset(aws_ecs_service.this.network_configuration[0].subnets) == toset(["subnet-0123"])
    error_message = "in the given subnet"
  }
  assert {
    condition     = aws_appautoscaling_policy.backlog[0].target_tracking_scaling_policy_configuration[0].target_value == 60
    error_message = "the backlog per task is the target"
  }
  assert {
    condition = [for m in aws_appautoscaling_policy.backlog[0].target_tracking_scaling_policy_configuration[0].customized_metric_specification[0].metrics :
    m.id if m.return_data] == ["backlog"]
    error_message = "exactly one metric is returned, the backlog"
  }
  assert {
    condition     = length(aws_appautoscaling_policy.backlog[0].target_tracking_scaling_policy_configuration[0].customized_metric_specification[0].metrics) == 4
    error_message = "it is made of three others"
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.wake[0].alarm_actions == toset([aws_appautoscaling_policy.wake[0].arn])
    error_message = "the first message starts the first task"
  }
  assert {
    condition     = one(aws_appautoscaling_policy.wake[0].step_scaling_policy_configuration[0].step_adjustment).scaling_adjustment == 1
    error_message = "one task"
  }
  assert {
    condition     = aws_sqs_queue.main.name == "jobs.fifo" && aws_sqs_queue.dead_letter.name == "jobs-dead.fifo" && aws_sqs_queue.main.fifo_queue && aws_sqs_queue.dead_letter.fifo_queue
    error_message = "both queues are FIFO queues"
  }
  assert {
    condition     = aws_sqs_queue.main.kms_master_key_id == var.kms_key_arn
    error_message = "the given key is used"
  }
  assert {
    condition     = contains(flatten([for s in data.aws_iam_policy_document.task.statement : s.actions]), "kms:Decrypt")
    error_message = "and the task may use it"
  }
  assert {
    condition     = [for s in data.aws_iam_policy_document.execution.statement : s.sid] == ["Log"]
    error_message = "an image that is not in ECR needs no permission there"
  }
  assert {
    condition = alltrue([for alarm in [
      aws_cloudwatch_metric_alarm.oldest_message,
      aws_cloudwatch_metric_alarm.dead_letter,
      aws_cloudwatch_metric_alarm.no_task,
    ] : alarm.alarm_actions == toset(["arn:aws:sns:eu-west-1:111122223333:oncall"])])
    error_message = "every alarm tells somebody"
  }
}

# ---- what is refused ----

run "wrong" {
  command = plan
  variables {
    account_id              = "1234"
    region                  = "Ireland"
    vpc_id                  = "subnet-0123"
    message_retention_s     = 345600
    dead_letter_retention_s = 345600
    max_receive_count       = 1
    kms_key_arn             = "alias/jobs"
    image                   = "jobs"
    cpu                     = 256
    memory_mib              = 4096
    children                = 200
    backlog_per_task        = 100
    settings                = { children = "3" }
    environment             = { SQS_QUEUE_URL = "https://elsewhere" }
    stop_timeout_s          = 300
    min_count               = 3
    max_count               = 2
    egress_ports            = [80]
  }
  expect_failures = [
    var.account_id,
    var.region,
    var.vpc_id,
    var.dead_letter_retention_s,
    var.max_receive_count,
    var.kms_key_arn,
    var.image,
    var.memory_mib,
    var.backlog_per_task,
    var.settings,
    var.environment,
    var.stop_timeout_s,
    var.max_count,
    var.egress_ports,
  ]
}
