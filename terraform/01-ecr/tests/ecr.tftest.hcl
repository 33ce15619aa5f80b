mock_provider "aws" {}

variables {
  account_id = "111122223333"
  region     = "eu-west-1"
}

run "defaults" {
  command = plan

  assert {
    condition     = aws_ecr_repository.this.image_tag_mutability == "IMMUTABLE"
    error_message = "tags are immutable by default"
  }
  assert {
    condition     = aws_ecr_repository.this.image_scanning_configuration[0].scan_on_push
    error_message = "images are scanned when they are pushed"
  }
  assert {
    condition     = !aws_ecr_repository.this.force_delete
    error_message = "a destroy does not take images with it by default"
  }
  assert {
    condition     = jsondecode(aws_ecr_lifecycle_policy.this.policy).rules[1].selection.countNumber == 20
    error_message = "twenty images are kept"
  }
  # ECR refuses a policy in which the rule for any tag is not the last one.
  assert {
    condition = [for rule in jsondecode(aws_ecr_lifecycle_policy.this.policy).rules :
    rule.selection.tagStatus] == ["untagged", "any"]
    error_message = "the rule for any tag is last"
  }
}

run "wrong_account" {
  command = plan
  variables {
    account_id = "1234"
  }
  expect_failures = [var.account_id]
}

run "wrong_region" {
  command = plan
  variables {
    region = "Ireland"
  }
  expect_failures = [var.region]
}

run "wrong_name" {
  command = plan
  variables {
    name = "Upper_case"
  }
  expect_failures = [var.name]
}
