# ---- where ----

variable "account_id" {
  description = "The AWS account that this is for. Terraform refuses to work in any other."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "An account id has 12 digits."
  }
}

variable "region" {
  description = "AWS region, for instance eu-west-1."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "A region looks like eu-west-1."
  }
}

variable "name" {
  description = "Name of everything that is made here."
  type        = string
  default     = "sqsherd"

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,30}[a-z0-9]$", var.name))
    error_message = "Use 2 to 32 lower-case letters, digits and hyphens; begin with a letter."
  }
}

variable "tags" {
  description = "Tags of everything that is made here."
  type        = map(string)
  default     = {}
}

variable "vpc_id" {
  description = "The VPC of the tasks."
  type        = string

  validation {
    condition     = can(regex("^vpc-[0-9a-f]+$", var.vpc_id))
    error_message = "A VPC id looks like vpc-0123456789abcdef0."
  }
}

variable "subnet_ids" {
  description = "Subnets of the tasks. Empty: every subnet of the VPC."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-f]+$", id))])
    error_message = "A subnet id looks like subnet-0123456789abcdef0."
  }
}

variable "assign_public_ip" {
  description = "Whether tasks get public addresses. They need one in a public subnet, where there is no other way out to ECR, SQS and CloudWatch; behind a NAT gateway or VPC endpoints they need none. There is no default: it is for you to say."
  type        = bool
}

variable "egress_ports" {
  description = "TCP ports that tasks may connect to, anywhere. AWS needs 443; add what the handler needs. Nothing may connect to a task."
  type        = set(number)
  default     = [443]

  validation {
    condition     = contains(var.egress_ports, 443) && alltrue([for port in var.egress_ports : port >= 1 && port <= 65535])
    error_message = "Ports are from 1 to 65535, and 443 must be one of them."
  }
}

variable "cluster_arn" {
  description = "An ECS cluster to use, by its ARN. Null: make one. A given one needs the capacity providers FARGATE and FARGATE_SPOT, and Container Insights for the scaling and for the alarm on missing tasks."
  type        = string
  default     = null

  validation {
    condition     = var.cluster_arn == null || can(regex("^arn:[^:]+:ecs:[^:]+:[0-9]{12}:cluster/.+$", var.cluster_arn))
    error_message = "A cluster's ARN looks like arn:aws:ecs:eu-west-1:111122223333:cluster/jobs."
  }
}

# ---- the queue ----

variable "fifo" {
  description = "Whether the queue and its dead-letter queue are FIFO queues. It cannot be changed later without a new queue."
  type        = bool
  default     = false
}

variable "message_retention_s" {
  description = "How long the queue keeps a message that nobody deletes."
  type        = number
  default     = 345600 # 4 days

  validation {
    condition     = var.message_retention_s >= 60 && var.message_retention_s <= 1209600
    error_message = "SQS allows from 60 (a minute) to 1209600 (14 days)."
  }
}

variable "dead_letter_retention_s" {
  description = "How long the dead-letter queue keeps one. In a standard queue the time counts from when the message was first sent, so it must be longer than message_retention_s."
  type        = number
  default     = 1209600 # 14 days

  validation {
    condition     = var.dead_letter_retention_s > var.message_retention_s && var.dead_letter_retention_s <= 1209600
    error_message = "It must be longer than message_retention_s, and SQS allows 1209600 (14 days) at most."
  }
}

variable "max_receive_count" {
  description = "How often a message is received before SQS moves it to the dead-letter queue. A deploy or a Spot interruption that cuts a job short counts as well, so below 3 healthy messages end there."
  type        = number
  default     = 5

  validation {
    condition     = var.max_receive_count >= 2 && var.max_receive_count <= 1000
    error_message = "Use 2 to 1000. With 1, a single interrupted job would be given up."
  }
}

variable "kms_key_arn" {
  description = "A KMS key of your own for both queues, by its ARN. Null: keys that SQS manages, at no cost."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[^:]+:kms:[^:]+:[0-9]{12}:key/.+$", var.kms_key_arn))
    error_message = "A key's ARN looks like arn:aws:kms:eu-west-1:111122223333:key/…; an alias will not do."
  }
}

# ---- the task ----

variable "image" {
  description = "The image: sqsherd with the handler in it. Best named by digest, repository@sha256:…, as tools/build prints it."
  type        = string

  validation {
    condition     = can(regex("^[^ ]+[:@][^ /]+$", var.image))
    error_message = "Name the image with a digest or a tag."
  }
}

variable "command" {
  description = "What follows sqsherd on its command line, for instance [\"--\", \"/usr/local/bin/resize-image\"]. Empty: what the image says (CMD)."
  type        = list(string)
  default     = []
}

variable "architecture" {
  description = "X86_64 or ARM64, as the image was built. ARM64 costs a fifth less."
  type        = string
  default     = "X86_64"

  validation {
    condition     = contains(["X86_64", "ARM64"], var.architecture)
    error_message = "It is X86_64 or ARM64."
  }
}

variable "cpu" {
  description = "CPU units of a task; 1024 are a vCPU."
  type        = number
  default     = 256

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096, 8192, 16384], var.cpu)
    error_message = "Fargate has 256, 512, 1024, 2048, 4096, 8192 and 16384."
  }
}

variable "memory_mib" {
  description = "Memory of a task: about 2 MiB for each child, and what the handlers need."
  type        = number
  default     = 512

  # What Fargate offers for each number of CPU units.
  validation {
    condition = contains(lookup({
      256   = [512, 1024, 2048]
      512   = range(1024, 4097, 1024)
      1024  = range(2048, 8193, 1024)
      2048  = range(4096, 16385, 1024)
      4096  = range(8192, 30721, 1024)
      8192  = range(16384, 61441, 4096)
      16384 = range(32768, 122881, 8192)
    }, var.cpu, []), var.memory_mib)
    error_message = "Fargate does not offer this much memory with this much CPU."
  }
}

variable "children" {
  description = "Processes that poll the queue in each task, and so handlers at a time."
  type        = number
  default     = 4

  validation {
    condition     = var.children >= 1 && var.children <= 1000 && floor(var.children) == var.children
    error_message = "Use a whole number from 1 to 1000."
  }
}

variable "settings" {
  description = "Any further setting of sqsherd by its name in sqsherd.conf(5), for instance { job_timeout = \"10m\" }. emf is on unless said otherwise here: the dashboard shows its metrics, and CloudWatch bills them."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.settings) : can(regex("^[a-z][a-z0-9_]*$", name))])
    error_message = "Settings have names of lower-case letters and underscores."
  }
  validation {
    condition     = length(setintersection(keys(var.settings), ["queue_url", "region", "children", "command", "grace_timeout"])) == 0
    error_message = "queue_url, region, children, command and grace_timeout follow from other variables."
  }
}

variable "environment" {
  description = "Environment variables for the handler. Not for secrets: whoever may describe the task definition can read them."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.environment) : can(regex("^[A-Za-z_][A-Za-z0-9_]*$", name)) && !can(regex("^SQS(HERD)?_", name))])
    error_message = "Names are of letters, digits and underscores; those that begin with SQS_ or SQSHERD_ are sqsherd's own (see settings)."
  }
}

variable "scratch_path" {
  description = "A directory that the handler can write to: the root file system is read-only, /tmp included. The image must declare it with VOLUME and give it to user 10001. Null: none."
  type        = string
  default     = null

  validation {
    condition     = var.scratch_path == null || can(regex("^/[^:]+$", var.scratch_path))
    error_message = "It is an absolute path."
  }
}

variable "stop_timeout_s" {
  description = "How long ECS waits for a task that it stops. sqsherd's grace_timeout is made 5 s shorter. Use 120 with Spot, or if jobs take longer than 20 s."
  type        = number
  default     = 30

  validation {
    condition     = var.stop_timeout_s >= 10 && var.stop_timeout_s <= 120
    error_message = "Use 10 to 120; Fargate allows no more."
  }
}

# ---- the service ----

variable "min_count" {
  description = "Fewest tasks. 0: none while the queue is empty; the first message then waits a few minutes for a task."
  type        = number
  default     = 1

  validation {
    condition     = var.min_count >= 0 && var.min_count <= 1000
    error_message = "Use 0 to 1000."
  }
}

variable "max_count" {
  description = "Most tasks. The same as min_count: a fixed number."
  type        = number
  default     = 1

  validation {
    condition     = var.max_count >= 1 && var.max_count >= var.min_count && var.max_count <= 1000
    error_message = "Use at least 1, at least min_count, and at most 1000."
  }
}

variable "backlog_per_task" {
  description = "Messages for each task, waiting or in hand, that the number of tasks is adjusted to: the longest wait that you accept, divided by the seconds that a message takes, times children. It must be above children, or tasks that merely are busy would look like a backlog."
  type        = number
  default     = 100

  validation {
    condition     = var.backlog_per_task > var.children
    error_message = "It must be above children."
  }
}

variable "spot_percent" {
  description = "Share of the tasks that run on Fargate Spot, at about a third of the price; AWS stops them with two minutes' notice."
  type        = number
  default     = 0

  validation {
    condition     = var.spot_percent >= 0 && var.spot_percent <= 100
    error_message = "Use 0 to 100."
  }
}

# ---- what is watched ----

variable "log_retention_days" {
  description = "How long CloudWatch keeps the log."
  type        = number
  default     = 30

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "CloudWatch has 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365 and some more, up to 3653."
  }
}

variable "oldest_message_s" {
  description = "Alarm when the oldest message has waited this long."
  type        = number
  default     = 900

  validation {
    condition     = var.oldest_message_s >= 60
    error_message = "Use at least 60; SQS reports once a minute."
  }
}

variable "alarm_actions" {
  description = "ARNs that the alarms notify, mostly of an SNS topic. Empty: the alarms can only be looked at."
  type        = list(string)
  default     = []
}
