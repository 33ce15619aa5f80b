output "repository_url" {
  description = "Where to push, without a tag."
  value       = aws_ecr_repository.this.repository_url
}

output "repository_name" {
  description = "The repository's name."
  value       = aws_ecr_repository.this.name
}
