#!/bin/sh
# tools/apply and destroy with the real Terraform, which keeps a state for each
# account, region and name.  The modules are small ones that make nothing: what
# they store has the shape of what the real ones store.
. "$(dirname "$0")/lib.sh"
nothing_of_build

command -v terraform >/dev/null || skip_all "there is no terraform"
tree="$SCRATCH/a tree"
mkdir -p "$tree/etc" "$tree/terraform/01-ecr" "$tree/terraform/02-app"
cp -R tools "$tree/"
export TF_CLI_ARGS_apply=-no-color TF_CLI_ARGS_plan=-no-color
export CHECKPOINT_DISABLE=1 TF_IN_AUTOMATION=1 TF_IMAGE=jobs:1
touch "$SCRATCH/cli.tfrc"
export TF_CLI_CONFIG_FILE="$SCRATCH/cli.tfrc"
unset TF_NAME TF_SUBNET_IDS TF_ASSIGN_PUBLIC_IP TF_DATA_DIR TF_WORKSPACE
export AWS_ACCOUNT_ID=111122223333 AWS_REGION=eu-west-1 TF_VPC_ID=vpc-0123
cat >"$tree/terraform/02-app/main.tf" <<'EOF'
variable "account_id" {}
variable "region" {}
variable "name" {}
variable "vpc_id" {}
variable "assign_public_ip" {}
variable "architecture" {}
variable "image" {}
resource "terraform_data" "queue" {
  input = { arn = "arn:aws:sqs:${var.region}:${var.account_id}:${var.name}" }
}
resource "terraform_data" "dead_letter" {
  input = {
    arn = "arn:aws:sqs:${var.region}:${var.account_id}:${var.name}-dead"
  }
}
EOF
states=$tree/terraform/02-app/terraform.tfstate.d

apply() {
	"$tree/tools/apply" --yes app
}
# in_state KEY: the queues of that state
in_state() {
	sed -n 's/.*"arn": "arn:aws:sqs:\([^"]*\)".*/\1/p' \
		"$states/$1/terraform.tfstate" | sort -u | xargs
}

ok "a first deployment" apply
sqsherd=eu-west-1:111122223333:sqsherd
is "$(in_state 111122223333_eu-west-1_sqsherd)" "$sqsherd $sqsherd-dead" \
	"has a state of its account, region and name"
ok "another name in the same checkout" env TF_NAME=mail "$tree/tools/apply" \
	--yes app
is "$(in_state 111122223333_eu-west-1_mail)" \
	"eu-west-1:111122223333:mail eu-west-1:111122223333:mail-dead" \
	"has one, too"
ok "another region" env AWS_REGION=us-east-1 "$tree/tools/apply" --yes app
like "$(cat "$SCRATCH/out")" 'Plan: 2 to add, 0 to change, 0 to destroy' \
	"destroys nothing of the first"
is "$(in_state 111122223333_eu-west-1_sqsherd)" "$sqsherd $sqsherd-dead" \
	"which is as it was"
ok "the first is destroyed" "$tree/tools/destroy" --yes
is_empty "$(in_state 111122223333_eu-west-1_sqsherd)" "and gone"
is "$(in_state 111122223333_us-east-1_sqsherd | wc -w)" 2 \
	"the other region's is not"

# A change that costs messages.
cp "$tree/terraform/02-app/main.tf" "$SCRATCH/main.tf"
cat >>"$tree/terraform/02-app/main.tf" <<'EOF'
resource "terraform_data" "fifo" {
  input            = { arn = "arn:aws:sqs:eu-west-1:${var.account_id}:${var.name}.fifo" }
  triggers_replace = var.image
}
resource "terraform_data" "task" {
  input            = { arn = "arn:aws:ecs:eu-west-1:1:task/${var.name}" }
  triggers_replace = var.image
}
EOF
mail_apply() {
	TF_NAME=mail "$tree/tools/apply" --yes app
}
ok "another queue" mail_apply
export TF_IMAGE=jobs:2
refuses 1 "with --yes a plan that replaces a queue is refused" mail_apply
is "$(grep -c '^  terraform_data.*(arn:' "$SCRATCH/err")" 1 \
	"one thing is named that stores something"
like "$(cat "$SCRATCH/err")" \
	'terraform_data.fifo .arn:aws:sqs:eu-west-1:111122223333:mail.fifo.$' \
	"the queue"
is "$(in_state 111122223333_eu-west-1_mail | wc -w)" 3 "it is as it was"
refuses 1 "without --yes it is for a person to say" \
	env TF_NAME=mail "$tree/tools/apply" app </dev/null
export TF_IMAGE=jobs:1
cp "$SCRATCH/main.tf" "$tree/terraform/02-app/main.tf"
cat >>"$tree/terraform/02-app/main.tf" <<'EOF'
resource "terraform_data" "fifo" {
  input            = { arn = "arn:aws:sqs:eu-west-1:${var.account_id}:${var.name}.fifo" }
  triggers_replace = "jobs:1"
}
EOF
ok "what stores nothing goes" mail_apply
cp "$SCRATCH/main.tf" "$tree/terraform/02-app/main.tf"
refuses 1 "a queue does not" mail_apply
is "$(in_state 111122223333_eu-west-1_mail | wc -w)" 3 "they are as they were"

# A state in a place that is not its own.
mkdir "$states/111122223333_eu-west-1_jobs"
cp "$states/111122223333_eu-west-1_mail/terraform.tfstate" \
	"$states/111122223333_eu-west-1_jobs/"
for command in apply destroy; do
	refuses 1 "$command refuses the state of another" \
		env TF_NAME=jobs "$tree/tools/$command" --yes app
	like "$(cat "$SCRATCH/err")" \
		'belongs to mail in eu-west-1 of account 111122223333, not to jobs in eu-west-1 of account 111122223333$' \
		"and says whose it is"
done
is "$(in_state 111122223333_eu-west-1_jobs | wc -w)" 3 "it is as it was"

# The exception for dead-letter queues is none for repositories.
cat >"$tree/terraform/01-ecr/main.tf" <<'EOF'
variable "region" {}
variable "name" {}
variable "force_delete" { default = false }
resource "terraform_data" "repository" {
  input = {
    arn = "arn:aws:ecr:${var.region}:111122223333:repository/${var.name}"
  }
}
EOF
ok "a repository whose name ends in -dead" env TF_NAME=work-dead \
	"$tree/tools/apply" --yes ecr
images=$tree/terraform/01-ecr/terraform.tfstate.d
cp -R "$images/111122223333_eu-west-1_work-dead" \
	"$images/111122223333_eu-west-1_work"
refuses 1 "is not that of the name without it" \
	env TF_NAME=work "$tree/tools/apply" --yes ecr
like "$(cat "$SCRATCH/err")" 'belongs to work-dead in eu-west-1' \
	"and apply says whose it is"

# One from before there were several.
cp "$states/111122223333_us-east-1_sqsherd/terraform.tfstate" \
	"$tree/terraform/02-app/terraform.tfstate"
rm -r "$states/111122223333_us-east-1_sqsherd"
ok "a state from before belongs to another" apply
like "$(cat "$SCRATCH/err")" \
	'belongs to sqsherd in us-east-1 of account 111122223333 and is left alone' \
	"which is said"
is "$(in_state 111122223333_eu-west-1_sqsherd | wc -w)" 2 \
	"a state of its own is made"
ok "its owner applies" env AWS_REGION=us-east-1 "$tree/tools/apply" --yes app
like "$(cat "$SCRATCH/out")" 'No changes' "and finds what it had"
sed 's/"arn"/"id"/' "$tree/terraform/02-app/terraform.tfstate" >"$SCRATCH/old"
cp "$SCRATCH/old" "$tree/terraform/02-app/terraform.tfstate"
refuses 1 "one that does not say whose it is is refused" apply
like "$(cat "$SCRATCH/err")" 'does not say whose it is' "in these words"
done_testing
