# The cluster, the task definition and the service.

locals {
  make_cluster = var.cluster_arn == null
  cluster_arn  = local.make_cluster ? aws_ecs_cluster.this[0].arn : var.cluster_arn
  cluster_name = local.make_cluster ? var.name : regex("[^/]+$", var.cluster_arn)

  log_group_name = "/sqsherd/${var.name}"

  # Time for ECS to notice that a task has ended, before it kills.
  grace_timeout_s = var.stop_timeout_s - 5

  environment = merge(
    var.environment,
    { SQSHERD_EMF = "yes" }, # what the dashboard shows
    { for name, value in var.settings : "SQSHERD_${upper(name)}" => value },
    {
      AWS_REGION            = var.region
      SQS_QUEUE_URL         = aws_sqs_queue.main.url
      SQSHERD_CHILDREN      = tostring(var.children)
      SQSHERD_GRACE_TIMEOUT = "${local.grace_timeout_s}s"
    },
  )
}

resource "aws_ecs_cluster" "this" {
  count = local.make_cluster ? 1 : 0
  name  = var.name

  # The number of running tasks, for the scaling and an alarm.
  setting {
    name  = "containerInsights"
    value = "enabled"
  }
}

resource "aws_ecs_cluster_capacity_providers" "this" {
  count              = local.make_cluster ? 1 : 0
  cluster_name       = aws_ecs_cluster.this[0].name
  capacity_providers = ["FARGATE", "FARGATE_SPOT"]
}

resource "aws_cloudwatch_log_group" "this" {
  name              = local.log_group_name
  retention_in_days = var.log_retention_days
}

resource "aws_ecs_task_definition" "this" {
  family                   = var.name
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.cpu
  memory                   = var.memory_mib
  execution_role_arn       = aws_iam_role.execution.arn
  task_role_arn            = aws_iam_role.task.arn

  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = var.architecture
  }

  dynamic "volume" {
    for_each = var.scratch_path == null ? [] : ["scratch"]
    content {
      name = volume.value
    }
  }

  container_definitions = jsonencode([{
    name                   = var.name
    image                  = var.image
    essential              = true
    command                = var.command
    user                   = "10001:10001"
    readonlyRootFilesystem = true
    stopTimeout            = var.stop_timeout_s

    environment = [for name in sort(keys(local.environment)) : {
      name  = name
      value = local.environment[name]
    }]

    mountPoints = var.scratch_path == null ? [] : [{
      sourceVolume  = "scratch"
      containerPath = var.scratch_path
      readOnly      = false
    }]

    # No shell: the program itself.
    healthCheck = {
      command     = ["CMD", "/usr/bin/sqsherdctl", "health"]
      interval    = 30
      timeout     = 5
      retries     = 3
      startPeriod = 60
    }

    linuxParameters = {
      # sqsherd is PID 1 and reaps every orphan itself.
      initProcessEnabled = false
      capabilities       = { drop = ["ALL"], add = [] }
    }

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        awslogs-group         = aws_cloudwatch_log_group.this.name
        awslogs-region        = var.region
        awslogs-stream-prefix = var.name
        # A slow CloudWatch must not stop the work: lines are dropped instead.
        mode            = "non-blocking"
        max-buffer-size = "10m"
      }
    }
  }])
}

resource "aws_ecs_service" "this" {
  name             = var.name
  cluster          = local.cluster_arn
  task_definition  = aws_ecs_task_definition.this.arn
  platform_version = "LATEST"

  # For the start only; then scaling.tf decides, also about a fixed number.
  desired_count = var.min_count

  deployment_minimum_healthy_percent = 100
  deployment_maximum_percent         = 200

  deployment_circuit_breaker {
    enable   = true
    rollback = true
  }

  dynamic "capacity_provider_strategy" {
    for_each = { for provider, weight in {
      FARGATE      = 100 - var.spot_percent
      FARGATE_SPOT = var.spot_percent
    } : provider => weight if weight > 0 }
    content {
      capacity_provider = capacity_provider_strategy.key
      weight            = capacity_provider_strategy.value
    }
  }
  force_new_deployment = true # or a change of the strategy is refused

  network_configuration {
    subnets          = local.subnet_ids
    security_groups  = [aws_security_group.task.id]
    assign_public_ip = var.assign_public_ip
  }

  propagate_tags = "SERVICE"

  # A task that starts before it has its permissions fails, like one with a bug.
  depends_on = [
    aws_ecs_cluster_capacity_providers.this,
    aws_iam_role_policy.execution,
    aws_iam_role_policy.task,
    aws_vpc_security_group_egress_rule.ipv4,
    aws_vpc_security_group_egress_rule.ipv6,
  ]

  lifecycle {
    ignore_changes = [desired_count]
  }
}
