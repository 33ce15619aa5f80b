output "region" {
  description = "AWS region."
  value       = var.region
}

output "queue_url" {
  description = "Where to send messages."
  value       = aws_sqs_queue.main.url
}

output "queue_arn" {
  description = "For the policies of senders (sqs:SendMessage)."
  value       = aws_sqs_queue.main.arn
}

output "dead_letter_queue_url" {
  description = "Where messages are that were given up."
  value       = aws_sqs_queue.dead_letter.url
}

output "dead_letter_queue_arn" {
  description = "For StartMessageMoveTask, which sends them back."
  value       = aws_sqs_queue.dead_letter.arn
}

output "cluster_arn" {
  description = "The cluster that the service is in."
  value       = local.cluster_arn
}

output "service_name" {
  description = "The ECS service."
  value       = aws_ecs_service.this.name
}

output "log_group" {
  description = "The log of all tasks."
  value       = aws_cloudwatch_log_group.this.name
}

output "task_role_name" {
  description = "The role of sqsherd and the handlers: attach what the handler needs."
  value       = aws_iam_role.task.name
}

output "task_policy" {
  description = "What sqsherd itself needs, as a JSON policy: for a role of your own, on EC2 for instance."
  value       = data.aws_iam_policy_document.task.json
}

output "security_group_id" {
  description = "The tasks' security group, to be let in by databases and the like."
  value       = aws_security_group.task.id
}

output "dashboard_name" {
  description = "The dashboard in CloudWatch."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}
