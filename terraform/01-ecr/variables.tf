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
  description = "Name of the repository."
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

variable "immutable_tags" {
  description = "Whether a tag, once pushed, stays what it is. The scripts deploy by digest either way."
  type        = bool
  default     = true
}

variable "keep_images" {
  description = "How many images to keep; older ones expire. Keep more than you would ever roll back."
  type        = number
  default     = 20

  validation {
    condition     = var.keep_images >= 1 && var.keep_images <= 1000 && floor(var.keep_images) == var.keep_images
    error_message = "Keep a whole number from 1 to 1000."
  }
}

variable "force_delete" {
  description = "Whether a destroy takes the images with it. If not, it fails while there are any."
  type        = bool
  default     = false
}
