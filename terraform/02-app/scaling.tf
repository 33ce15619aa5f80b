# The number of tasks: between min_count and max_count, so that each has
# backlog_per_task messages, waiting or in hand.

locals {
  # A service of no tasks has no backlog per task.
  scales = var.max_count > var.min_count

  # CloudWatch's metrics that the scaling and the alarms are made of.
  metrics = {
    waiting = {
      namespace  = "AWS/SQS"
      name       = "ApproximateNumberOfMessagesVisible"
      stat       = "Maximum"
      dimensions = { QueueName = aws_sqs_queue.main.name }
    }
    in_hand = {
      namespace  = "AWS/SQS"
      name       = "ApproximateNumberOfMessagesNotVisible"
      stat       = "Maximum"
      dimensions = { QueueName = aws_sqs_queue.main.name }
    }
    tasks = {
      namespace  = "ECS/ContainerInsights"
      name       = "RunningTaskCount"
      stat       = "Average"
      dimensions = { ClusterName = local.cluster_name, ServiceName = aws_ecs_service.this.name }
    }
  }

  # Without a task ECS reports nothing, which FILL makes 0.
  nobody_works = "IF(FILL(tasks, 0) < 1 AND FILL(waiting, 0) > 0, 1, 0)"
  nobody_works_metrics = {
    for id in ["tasks", "waiting"] : id => local.metrics[id]
  }
}

# Always there, because a changed min_count or max_count takes effect by it.
resource "aws_appautoscaling_target" "tasks" {
  service_namespace  = "ecs"
  scalable_dimension = "ecs:service:DesiredCount"
  resource_id        = "service/${local.cluster_name}/${aws_ecs_service.this.name}"
  min_capacity       = var.min_count
  max_capacity       = var.max_count
}

resource "aws_appautoscaling_policy" "backlog" {
  count = local.scales ? 1 : 0

  name               = "${var.name}-backlog-per-task"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = aws_appautoscaling_target.tasks.service_namespace
  scalable_dimension = aws_appautoscaling_target.tasks.scalable_dimension
  resource_id        = aws_appautoscaling_target.tasks.resource_id

  target_tracking_scaling_policy_configuration {
    target_value       = var.backlog_per_task
    scale_out_cooldown = 60
    scale_in_cooldown  = 300

    customized_metric_specification {
      dynamic "metrics" {
        for_each = local.metrics
        content {
          id          = metrics.key
          return_data = false
          metric_stat {
            stat = metrics.value.stat
            metric {
              namespace   = metrics.value.namespace
              metric_name = metrics.value.name
              dynamic "dimensions" {
                for_each = metrics.value.dimensions
                content {
                  name  = dimensions.key
                  value = dimensions.value
                }
              }
            }
          }
        }
      }
      metrics {
        id          = "backlog"
        label       = "messages waiting or in hand, for each task"
        expression  = "IF(FILL(tasks, 0) < 1, waiting + in_hand, (waiting + in_hand) / tasks)"
        return_data = true
      }
    }
  }
}

# ---- from nothing to the first task ----
#
# Target tracking cannot start from no tasks: a few messages would never make up
# the backlog of one.

resource "aws_appautoscaling_policy" "wake" {
  count = var.min_count == 0 ? 1 : 0

  name               = "${var.name}-first-task"
  policy_type        = "StepScaling"
  service_namespace  = aws_appautoscaling_target.tasks.service_namespace
  scalable_dimension = aws_appautoscaling_target.tasks.scalable_dimension
  resource_id        = aws_appautoscaling_target.tasks.resource_id

  step_scaling_policy_configuration {
    adjustment_type         = "ExactCapacity"
    metric_aggregation_type = "Maximum"
    cooldown                = 60

    step_adjustment {
      metric_interval_lower_bound = 0
      scaling_adjustment          = 1
    }
  }
}

resource "aws_cloudwatch_metric_alarm" "wake" {
  count = var.min_count == 0 ? 1 : 0

  alarm_name          = "${var.name}-first-task"
  alarm_description   = "Not a fault: messages wait, and there is no task yet. It starts the first one."
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_appautoscaling_policy.wake[0].arn]

  dynamic "metric_query" {
    for_each = local.nobody_works_metrics
    content {
      id = metric_query.key
      metric {
        namespace   = metric_query.value.namespace
        metric_name = metric_query.value.name
        stat        = metric_query.value.stat
        period      = 60
        dimensions  = metric_query.value.dimensions
      }
    }
  }
  metric_query {
    id          = "nobody_works"
    label       = "messages wait and no task runs"
    expression  = local.nobody_works
    return_data = true
  }
}
