#!/bin/sh
# The Terraform modules are valid against the real provider's schema, and plan
# what their descriptions say.  No AWS: the provider is mocked.
. "$(dirname "$0")/lib.sh"
nothing_of_build
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

# What the dashboard shows is what sqsherd says that it logs.
names=$("$BUILD/sqsherd" --help-metrics |
	sed -En 's/^(sqsherd_[a-z_]+|-) +([A-Z][A-Za-z]+) .*/"\2"/p' | paste -sd ,)
shown='toset(flatten([for g in local.graphs :
    [for m in g.metrics : m[1] if m[0] == "My/Jobs"]]))'
{
	sed '/^# ---- what there is/,$d' terraform/02-app/tests/app.tftest.hcl
	cat <<EOF
run "metric_names" {
  variables {
    settings = { emf_namespace = "My/Jobs" }
  }
  assert {
    condition = length(setsubtract($shown, [$names])) == 0
    error_message = "the dashboard shows what is never logged"
  }
  assert {
    condition = length($shown) >= 10
    error_message = "the dashboard does not show what is logged"
  }
}
EOF
} >"$SCRATCH/terraform/02-app/tests/names.tftest.hcl"
ok "the dashboard shows metrics that are logged" \
	tf 02-app test -filter=tests/names.tftest.hcl
sed -i 's/ReceiveErrors/Errors/' "$SCRATCH/terraform/02-app/dashboard.tf"
refuses 1 "a misspelt metric would be found" \
	tf 02-app test -filter=tests/names.tftest.hcl

# What the documentation names is there.
undescribed() {
	for file in "$SCRATCH"/terraform/*/variables.tf \
		"$SCRATCH"/terraform/*/outputs.tf; do
		awk '/^(variable|output) / { name = $2; described = 0 }
			/^  description / { described = 1 }
			/^}/ && name != "" && !described { print FILENAME, name }
			/^}/ { name = "" }' "$file"
	done
}
is_empty "$(undescribed)" "each variable and output has a description"
done_testing
