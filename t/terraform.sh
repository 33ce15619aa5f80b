# shellcheck shell=sh
# Sourced by the tests of terraform/: a copy of it to work in, and the AWS
# provider from this machine, since a test may not ask a registry.
#
#	terraform_copy		$SCRATCH/terraform; skips without a provider
#	tf MODULE ARG...	terraform in that module of the copy

terraform_copy() {
	command -v terraform >/dev/null || skip_all "there is no terraform"
	# Where a mirror would be: unpacked, MIRROR/HOST/NAMESPACE/NAME/...
	provider=$(find /opt /usr/local /usr/share "$HOME/.terraform.d" -xdev \
		-name 'terraform-provider-aws_v*' 2>/dev/null | head -1)
	[ -n "$provider" ] ||
		skip_all "there is no AWS provider for terraform on this machine"
	cat >"$SCRATCH/cli.tfrc" <<EOF
provider_installation {
  filesystem_mirror {
    path = "${provider%/registry.terraform.io/*}"
  }
}
EOF
	export TF_CLI_CONFIG_FILE="$SCRATCH/cli.tfrc" CHECKPOINT_DISABLE=1
	export TF_IN_AUTOMATION=1 TF_INPUT=0
	unset TF_DATA_DIR TF_WORKSPACE
	cp -R terraform "$SCRATCH/terraform"
	# Not what a real deployment may have left there.
	rm -rf "$SCRATCH"/terraform/*/.terraform* \
		"$SCRATCH"/terraform/*/*.tfstate* "$SCRATCH"/terraform/*/*.tfvars*
}

tf() {
	module=$1
	shift
	subcommand=$1
	shift
	timeout 300 terraform -chdir="$SCRATCH/terraform/$module" \
		"$subcommand" -no-color "$@"
}
