locals {
  # The namespace of the metrics that sqsherd logs.
  emf_namespace = lookup(var.settings, "emf_namespace", "Sqsherd")

  # Each entry is a graph: its title, and CloudWatch's lists of [namespace,
  # metric, dimension, value, …, options].
  graphs = [
    {
      title = "Messages"
      metrics = [
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.main.name, { label = "waiting", stat = "Maximum" }],
        ["AWS/SQS", "ApproximateNumberOfMessagesNotVisible", "QueueName", aws_sqs_queue.main.name, { label = "in hand", stat = "Maximum" }],
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", aws_sqs_queue.dead_letter.name, { label = "given up", stat = "Maximum" }],
      ]
    },
    {
      title = "Age of the oldest message (s)"
      metrics = [
        ["AWS/SQS", "ApproximateAgeOfOldestMessage", "QueueName", aws_sqs_queue.main.name, { label = "oldest", stat = "Maximum" }],
      ]
    },
    {
      title = "Sent and deleted a minute"
      metrics = [
        ["AWS/SQS", "NumberOfMessagesSent", "QueueName", aws_sqs_queue.main.name, { label = "sent", stat = "Sum" }],
        ["AWS/SQS", "NumberOfMessagesDeleted", "QueueName", aws_sqs_queue.main.name, { label = "deleted", stat = "Sum" }],
      ]
    },
    {
      title = "Tasks"
      metrics = [
        ["ECS/ContainerInsights", "RunningTaskCount", "ClusterName", local.cluster_name, "ServiceName", aws_ecs_service.this.name, { label = "running", stat = "Maximum" }],
        ["ECS/ContainerInsights", "DesiredTaskCount", "ClusterName", local.cluster_name, "ServiceName", aws_ecs_service.this.name, { label = "desired", stat = "Maximum" }],
      ]
    },
    {
      title = "How long handlers take (ms)"
      metrics = [
        for stat in ["p50", "p90", "p99"] :
        [local.emf_namespace, "HandlerTime", "Queue", aws_sqs_queue.main.name, { label = stat, stat = stat }]
      ]
    },
    {
      title = "What became of messages, a minute"
      metrics = [
        for outcome in ["Deleted", "Retried", "Rejected", "Released", "Expired"] :
        [local.emf_namespace, "Messages${outcome}", "Queue", aws_sqs_queue.main.name, { label = lower(outcome), stat = "Sum" }]
      ]
    },
    {
      title = "What should not happen, a minute"
      metrics = [
        for name, label in {
          ChildCrashes  = "children that died"
          ChildHangs    = "children that hung"
          JobTimeouts   = "handlers stopped for their timeout"
          OomKills      = "handlers out of memory"
          ReceiveErrors = "receives that failed"
        } :
        [local.emf_namespace, name, "Queue", aws_sqs_queue.main.name, { label = label, stat = "Sum" }]
      ]
    },
    {
      title = "Busy children (%)"
      metrics = [
        [local.emf_namespace, "BusyRatio", "Queue", aws_sqs_queue.main.name, { label = "busy", stat = "Average" }],
      ]
    },
    {
      title = "CPU and memory (%)"
      metrics = [
        ["AWS/ECS", "CPUUtilization", "ClusterName", local.cluster_name, "ServiceName", aws_ecs_service.this.name, { label = "CPU", stat = "Average" }],
        ["AWS/ECS", "MemoryUtilization", "ClusterName", local.cluster_name, "ServiceName", aws_ecs_service.this.name, { label = "memory", stat = "Maximum" }],
      ]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = var.name

  dashboard_body = jsonencode({
    widgets = concat(
      [for i, graph in local.graphs : {
        type   = "metric"
        x      = (i % 2) * 12
        y      = floor(i / 2) * 6
        width  = 12
        height = 6
        properties = {
          title   = graph.title
          region  = var.region
          period  = 60
          view    = "timeSeries"
          stacked = false
          metrics = graph.metrics
          yAxis   = { left = { min = 0 } }
        }
      }],
      [{
        type   = "log"
        x      = 0
        y      = ceil(length(local.graphs) / 2) * 6
        width  = 24
        height = 8
        properties = {
          title  = "Warnings and errors"
          region = var.region
          view   = "table"
          query  = "SOURCE '${local.log_group_name}' | fields @timestamp, event, queue, id, reason, error | filter level in ['warn', 'error'] | sort @timestamp desc | limit 100"
        }
      }],
    )
  })
}
