#!/bin/sh
# Hostile answers of those who hand out credentials: the log says what is wrong,
# no secret is in it, nothing dies of it, and a good answer that follows is used.
. "$(dirname "$0")/lib.sh"

start_fake
new_queue jobs
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
export AWS_ENDPOINT_URL_STS="$FAKE/sts" HOME="$SCRATCH"
printf 'web.identity' >"$SCRATCH/token"

# A line a case: whose answer, its status, what the error says, the body ("-":
# none).
cat >"$SCRATCH/cases" <<'EOF'
creds 200 . -
creds 200 . null
creds 200 . []
creds 200 . {}
creds 200 . <html>
creds 200 . {"AccessKeyId":"AKIDX","SecretAccessKey":"hushhush"
creds 200 . {"AccessKeyId":"AKIDX","SecretAccessKey":7}
creds 200 . {"AccessKeyId":"","SecretAccessKey":"hushhush"}
creds 200 . {"AccessKeyId":"AK\u0000ID","SecretAccessKey":"hushhush"}
creds 200 . {"AccessKeyId":"AK\r\nID","SecretAccessKey":"hushhush"}
creds 200 . {"AccessKeyId":"AKIDX","SecretAccessKey":"hushhush","Expiration":"soon"}
creds 200 . {"Code":"Failed","Message":"m"}
creds 204 204 -
creds 307 307 -
creds 404 404 not found
creds 429 429 -
creds 500 500 -
imds_token 200 . -
imds_role 200 . -
imds_role 200 bad.role ..
imds_role 200 bad.role r?x=y
imds_role 500 500 -
imds_creds 200 . {"Code":"AssumeRoleUnauthorizedAccess"}
imds_creds 200 . {"Code":"Success","AccessKeyId":"AKIDX"}
imds_creds 500 500 -
sts 200 . -
sts 200 . <html>
sts 200 . <AssumeRoleWithWebIdentityResponse/>
sts 200 . {"AccessKeyId":"AKIDX","SecretAccessKey":"hushhush"}
sts 403 AccessDenied <ErrorResponse><Error><Code>AccessDenied</Code></Error></ErrorResponse>
sts 400 . <ErrorResponse><Error><Code>Odd
sts 500 . -
EOF

# source_of WHO: sets its environment, and no other's.
source_of() {
	unset AWS_CONTAINER_CREDENTIALS_FULL_URI AWS_ROLE_ARN \
		AWS_WEB_IDENTITY_TOKEN_FILE AWS_EC2_METADATA_SERVICE_ENDPOINT
	export AWS_EC2_METADATA_DISABLED=true
	case $1 in
	creds)
		export AWS_CONTAINER_CREDENTIALS_FULL_URI="$FAKE/creds"
		;;
	imds*)
		export AWS_EC2_METADATA_DISABLED=false \
			AWS_EC2_METADATA_SERVICE_ENDPOINT="$FAKE"
		;;
	sts)
		export AWS_ROLE_ARN=arn:aws:iam::000000000000:role/r \
			AWS_WEB_IDENTITY_TOKEN_FILE="$SCRATCH/token"
		;;
	esac
}

n=0
: >"$SCRATCH/logs"
while read -r who status want body; do
	source_of "$who"
	fake "/_fault?op=$who&kind=raw&status=$status&count=-1" -X POST \
		--data-binary "${body#-}" >/dev/null
	start_sqsherd -j 1 -o wait_time=1 -- /bin/true
	eventually 30 "$who $status: an error says $want" \
		logged "receive_failed.*\"error\":\"[^\"]*$want"
	fake /_clear -X POST >/dev/null
	case $status in
	429 | 5*) # else somebody has to act, and the pauses are long
		n=$((n + 1))
		send "$n"
		eventually 60 "and the next answer is used" \
			queue_is deleted "$n"
		;;
	esac
	stop_sqsherd
	is "$STATUS" 0 "sqsherd exits 0"
	cat "$SCRATCH/log" >>"$SCRATCH/logs"
done <"$SCRATCH/cases"
is "$(grep -c hushhush "$SCRATCH/logs")" 0 "no secret is in a log"
is "$(grep -Ec '"event":"child_(died|killed|aborted)"' "$SCRATCH/logs")" 0 \
	"no child died of it"
done_testing
