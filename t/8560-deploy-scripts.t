#!/bin/sh
# tools/build, apply, destroy, set-tf-vars and run-e2e, with stubs that record
# how docker, terraform and aws are called.  They run in a copy of the tree.
. "$(dirname "$0")/lib.sh"
nothing_of_build

# Whose path has a space, as has that of the image's directory.
tree="$SCRATCH/a tree"
mkdir -p "$tree/build" "$tree/etc" "$SCRATCH/bin"
cp -R tools terraform "$tree/"
cp -R etc/hello "$tree/etc/"
rm -f "$tree"/terraform/*/*.auto.tfvars
unset TF_NAME TF_SUBNET_IDS TF_ASSIGN_PUBLIC_IP TF_IMAGE TF_VPC_ID

# stub NAME: records its arguments, then does what $SCRATCH/NAME.sh says.
stub() {
	cat >"$SCRATCH/bin/$1" <<EOF
#!/bin/sh
echo "$1 \$*" >>"$SCRATCH/calls"
. "$SCRATCH/$1.sh"
EOF
	chmod +x "$SCRATCH/bin/$1"
	cat >"$SCRATCH/$1.sh"
}
stub docker <<'EOF'
case "$1 $2" in
"image inspect") echo sha256:0123456789abcdef0123456789abcdef ;;
"login "*) cat >>"$STATE/password" ;;
"push "*) touch "$STATE/pushed" ;;
*) echo "noise of docker" ;;
esac
EOF
stub aws <<'EOF'
case "$*" in
*get-login-password*) echo secret-password ;;
*get-queue-attributes*) echo "12 waiting, 3 in flight, 0 delayed" ;;
*describe-images*)
	[ -f "$STATE/pushed" ] || exit 254
	echo sha256:feed
	;;
esac
EOF
stub terraform <<'EOF'
state=$STATE/${1##*/}.${TF_WORKSPACE:-default}.state
case "$*" in
*" output -raw "*) echo "the-${4##* }" ;;
*" state pull") [ ! -f "$state" ] || cat "$state" ;;
*" state list") echo aws_something.this ;;
*" show -json "*) echo '{"resource_changes":[]}' ;;
*" apply "*)
	[ ! -f "$STATE/refuse" ] || exit 1
	echo '"mode": "managed"' >"$state"
	;;
*" destroy "*) rm -f "$state" ;;
esac
EOF
stub make </dev/null
export BUILD=build STATE="$SCRATCH"
# No deployment is that of the shell which calls.
export TF_WORKSPACE=whatever
cat >"$tree/build/sqs-e2e" <<EOF
#!/bin/sh
echo "sqs-e2e \$*" >>"$SCRATCH/calls"
[ ! -f "$SCRATCH/fail" ]
EOF
chmod +x "$tree/build/sqs-e2e"
PATH=$SCRATCH/bin:$PATH

# tool NAME ARG...: calls are in $SCRATCH/calls
tool() {
	: >"$SCRATCH/calls"
	script=$1
	shift
	"$tree/tools/$script" "$@"
}
calls() {
	sed "s|$tree/||g" "$SCRATCH/calls"
}

# ---- what is asked of who calls them ----

for name in build apply destroy set-tf-vars run-e2e; do
	like "$(tool $name --help)" "tools/$name " "$name has --help"
	refuses 64 "$name knows no other option" tool $name --nonsense
done
unset AWS_REGION
refuses 64 "run-e2e needs variables" tool run-e2e
is "$(cat "$SCRATCH/err")" \
	"run-e2e: set in the environment: AWS_ACCOUNT_ID AWS_REGION TF_VPC_ID" \
	"and names all that are missing"
is_empty "$(calls)" "nothing was done"
export AWS_ACCOUNT_ID=111122223333 AWS_REGION=eu-west-1 TF_ARCHITECTURE=ARM64
refuses 64 "apply app needs a VPC" tool apply --yes app
like "$(cat "$SCRATCH/err")" 'environment: TF_VPC_ID$' "and says so"
export TF_VPC_ID=vpc-0123
key=111122223333_eu-west-1_sqsherd
refuses 64 "and an image" tool apply --yes app
like "$(cat "$SCRATCH/err")" 'run tools/build' "and says where from"
refuses 64 "apply knows two modules" tool apply network
TF_IMAGE='x" }' refuses 64 "a value that ends its quotes is refused" \
	tool set-tf-vars app

# ---- build ----

ok "build" tool build
image=111122223333.dkr.ecr.eu-west-1.amazonaws.com/sqsherd
is "$(cat "$SCRATCH/out")" "$image@sha256:feed" \
	"its output is the image by its digest, and nothing else"
is "$(cat "$tree/build/deploy/$key/image")" "$image@sha256:feed" \
	"which is kept for apply"
is "$(grep -c '^docker build --platform linux/arm64' "$SCRATCH/calls")" 2 \
	"two images are built, for the platform of the tasks"
is "$(cat "$SCRATCH/password")" secret-password "docker logs in by stdin"
is "$(grep -c secret-password "$SCRATCH/calls")" 0 \
	"the password is no argument"
ok "the tag is made from the image" \
	grep -qx "docker push $image:0123456789abcdef" "$SCRATCH/calls"
ok "build again" tool build
is "$(cat "$SCRATCH/out")" "$image@sha256:feed" "says the same"
is "$(grep -c 'docker push' "$SCRATCH/calls")" 0 "and pushes nothing"
refuses 64 "a directory needs a Dockerfile" tool build "$SCRATCH/bin"
mkdir "$SCRATCH/it's a handler"
touch "$SCRATCH/it's a handler/Dockerfile"
ok "the directory may have any name" tool build "$SCRATCH/it's a handler"
ok "and is what Docker gets" \
	grep -q "^docker build.* $SCRATCH/it's a handler\$" "$SCRATCH/calls"

# ---- apply ----

ok "apply ecr" tool apply --yes ecr
is "$(calls)" "terraform -chdir=terraform/01-ecr init -input=false
terraform -chdir=terraform/01-ecr state pull
terraform -chdir=terraform/01-ecr state pull
terraform -chdir=terraform/01-ecr plan -input=false -var-file=terraform/01-ecr/$key.tfvars -out=build/deploy/$key/ecr.plan
terraform -chdir=terraform/01-ecr show -json build/deploy/$key/ecr.plan
terraform -chdir=terraform/01-ecr apply -input=false build/deploy/$key/ecr.plan" \
	"initialises and applies"
ok "apply app" tool apply app
is "$(calls | tail -1)" \
	"terraform -chdir=terraform/02-app apply -var-file=terraform/02-app/$key.tfvars" \
	"asks without --yes"
is "$(tr -s ' ' <"$tree/terraform/02-app/$key.tfvars")" \
	"# Written by tools/set-tf-vars; changes here are lost.
account_id = \"111122223333\"
region = \"eu-west-1\"
name = \"sqsherd\"
vpc_id = \"vpc-0123\"
assign_public_ip = true
architecture = \"ARM64\"
image = \"$image@sha256:feed\"" "the variables are written"
echo "# Written by tools/set-tf-vars; changes here are lost." \
	>"$tree/terraform/02-app/sqsherd.auto.tfvars"
TF_SUBNET_IDS=subnet-0a,subnet-0b TF_ASSIGN_PUBLIC_IP=false TF_NAME=jobs \
	TF_IMAGE=jobs:1 tool set-tf-vars app 2>/dev/null
is_empty "$(find "$tree/terraform" -name '*.auto.tfvars')" \
	"what an earlier version wrote for every name is gone"
is "$(grep -E 'subnet|public|name' \
	"$tree/terraform/02-app/111122223333_eu-west-1_jobs.tfvars" |
	tr -s ' ')" 'name = "jobs"
subnet_ids = ["subnet-0a", "subnet-0b"]
assign_public_ip = false' "others when they are set"
touch "$SCRATCH/refuse"
refuses 1 "apply fails when terraform does" tool apply --yes app
rm "$SCRATCH/refuse"

# ---- run-e2e ----

ok "run-e2e" tool run-e2e
run_key='111122223333_eu-west-1_e2e-[0-9]{8}-[0-9]{6}-[0-9]+'
like "$(calls | tr '\n' ';')" \
	'apply.*docker build.*02-app apply.*sqs-e2e --queue-url the-queue_url --log-group the-log_group --cluster-arn the-cluster_arn --service-name the-service_name;.*02-app destroy -input=false -auto-approve -var-file=[^;]*;.*01-ecr apply -input=false -auto-approve -var-file=[^;]* -var force_delete=true;.*01-ecr destroy -input=false -auto-approve -var-file=[^;]*;$' \
	"makes all, tries it, destroys all"
is "$(calls | grep -E ' (apply|destroy) ' | grep -Evc "/$run_key(.tfvars|/...\.plan)")" 0 \
	"all of it under a name of this run alone"
is "$(cat "$SCRATCH/02-app.$key.state")" '"mode": "managed"' \
	"what was deployed before is still there"
TF_NAME=sqsherd tool run-e2e --no-cleanup >"$SCRATCH/out" 2>&1
is "$(calls | grep -E ' apply ' | grep -Evc "/$run_key(.tfvars|/...\.plan)")" 0 \
	"also when a name is set"
like "$(cat "$SCRATCH/out")" 'stays until TF_NAME=e2e-.* tools/destroy all$' \
	"and says how to take it away when it stays"
touch "$SCRATCH/fail"
refuses 1 "its exit status is that of the message" tool run-e2e
ok "it cleans up all the same" grep -q '02-app destroy' "$SCRATCH/calls"
rm "$SCRATCH/fail"
ok "run-e2e --no-cleanup" tool run-e2e --no-cleanup
is "$(grep -c destroy "$SCRATCH/calls")" 0 "leaves it there"
touch "$SCRATCH/refuse"
refuses 1 "a failed apply fails it" tool run-e2e --no-cleanup
is "$(grep -c sqs-e2e "$SCRATCH/calls" | grep -v '^0')" 1 \
	"and no message is sent"
rm "$SCRATCH/refuse"

# ---- dry runs do nothing ----

rm -r "$tree/build/deploy" "$tree"/terraform/*/*.tfvars
ok "run-e2e --dry-run" tool run-e2e --dry-run
cp "$SCRATCH/out" "$SCRATCH/plan"
is_empty "$(calls)" "calls nothing"
is_empty "$(find "$tree" -name '*.tfvars' -o -name image)" "writes nothing"
like "$(tr '\n' ';' <"$SCRATCH/plan")" \
	'terraform.*01-ecr apply.*docker build.*docker push.*02-app apply.*sqs-e2e --queue-url <queue_url> .*destroy' \
	"prints the whole plan"
like "$(cat "$SCRATCH/plan")" 'vpc_id *= "vpc-0123"' \
	"with the variables"

# ---- destroy ----

echo no >"$SCRATCH/answer"
asked() {
	tool destroy "$@" <"$SCRATCH/answer"
}
status=0
asked >"$SCRATCH/out" 2>"$SCRATCH/said" || status=$?
is "$status $(grep -c ' destroy ' "$SCRATCH/calls")" "1 0" \
	"destroy destroys nothing when the answer is no"
like "$(tr '\n' ';' <"$SCRATCH/said")" \
	'destroys sqsherd in eu-west-1 of account 111122223333:;  aws_something.this;.*the queue the-queue_url: 12 waiting, 3 in flight, 0 delayed;.*the-dead_letter_queue_url: 12 waiting' \
	"it says what would go, with the messages in the queues"
refuses 1 "nobody answers: nothing is destroyed" tool destroy
echo sqsherd >"$SCRATCH/answer"
ok "destroy, and the answer is the name" asked
is "$(calls | grep -c ' destroy ')" 1 "destroys"
ok "apply it once more" env TF_IMAGE=x:1 "$tree/tools/apply" --yes app
ok "destroy --yes asks nothing" tool destroy --yes
like "$(cat "$SCRATCH/err")" '12 waiting' "but says the same"
is "$(calls | grep -c '01-ecr')" 0 "leaves the repository"
ok "destroy again, with nothing there" tool destroy --yes all
done_testing
