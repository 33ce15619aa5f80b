#!/bin/sh
# The Terraform modules are valid against the real provider's schema, and plan
# what their descriptions say.  No AWS: the provider is mocked.
. t/lib.sh
. t/terraform.sh

terraform_copy
for module in 01-ecr 02-app; do
	ok "$module is formatted" tf $module fmt -check -recursive -diff
	ok "$module is initialised" tf $module init -backend=false
	ok "$module is valid" tf $module validate
	ok "$module plans what it says" tf $module test
	sed 's/^/# /' "$SCRATCH/out" | grep -E 'Error|error|fail|passed' || :
done

# The schema is really looked at.
sed -i 's/scan_on_push/scan_on_pull/' "$SCRATCH/terraform/01-ecr/main.tf"
refuses 1 "a misspelt argument would be found" tf 01-ecr validate

# What the dashboard and the documentation name is there.
undescribed() {
	for file in "$SCRATCH"/terraform/*/variables.tf \
		"$SCRATCH"/terraform/*/outputs.tf; do
		awk '/^(variable|output) / { name = $2; described = 0 }
			/^  description / { described = 1 }
			/^}/ && name != "" && !described { print FILENAME, name }
			/^}/ { name = "" }' "$file"
	done
}
is "$(undescribed)" "" "each variable and output has a description"
done_testing
