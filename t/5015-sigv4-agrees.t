#!/bin/sh
# Others that sign, and share no line with common/http/sigv4.c, must sign the same
# requests alike: the openssl command, given canonical requests that are
# written out here by hand, and curl.
#
# Where curl 7.88 is wrong it is not asked: it takes a query as it is, neither
# sorted nor encoded, and does not encode a path twice.
. "$(dirname "$0")/lib.sh"

command -v openssl >/dev/null || skip_all "there is no openssl command"
start_fake -n
HOST=${FAKE#http://}

export AWS_ACCESS_KEY_ID=AKIDINVENTED
export AWS_SECRET_ACCESS_KEY='an/invented+secret0123456789abcdefghijkl'
REGION=eu-west-1
DATE=20260228T235959Z
DAY=${DATE%T*}
TOKEN='FwoGZXIvYXdzE//=='
EMPTY=e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855

# Both read standard input and print lower-case hexadecimal.
sha256() {
	openssl dgst -sha256 -r | cut -d ' ' -f 1
}

hmac() {
	openssl dgst -sha256 -mac HMAC -macopt "$1" -r | cut -d ' ' -f 1
}

# request METHOD SERVICE PATH QUERY CANONICAL_PATH CANONICAL_QUERY
# [NAME:VALUE]...	sets up one; its body is what $SCRATCH/body holds.
request() {
	METHOD=$1 SERVICE=$2 URL_PATH=$3 QUERY=$4
	CANONICAL_PATH=$5 CANONICAL_QUERY=$6
	shift 6
	printf '%s\n' "host:$HOST" "x-amz-date:$DATE" "$@" >"$SCRATCH/headers"
	LC_ALL=C sort "$SCRATCH/headers" >"$SCRATCH/sorted"
	NAMES=$(cut -d : -f 1 "$SCRATCH/sorted" | paste -s -d ';')
}

# Of the path S3 signs the encoded form, so that is made by whoever signs.
by_us() {
	set -- "$URL_PATH"
	[ "$SERVICE" != s3 ] || set -- "$DECODED_PATH"
	set -- "$REGION" "$SERVICE" "$METHOD" "$1" "$QUERY"
	while IFS= read -r header; do
		set -- "$@" "$header"
	done <"$SCRATCH/headers"
	"$BUILD/t/sign" "$@" <"$SCRATCH/body"
}

canonical_request() {
	printf '%s\n%s\n%s\n' "$METHOD" "$CANONICAL_PATH" "$CANONICAL_QUERY"
	sed 's/   */ /g; s/: */:/' "$SCRATCH/sorted"
	printf '\n%s\n%s' "$NAMES" "$(sha256 <"$SCRATCH/body")"
}

string_to_sign() {
	printf 'AWS4-HMAC-SHA256\n%s\n%s/%s/%s/aws4_request\n%s' \
		"$DATE" "$DAY" "$REGION" "$SERVICE" \
		"$(canonical_request | sha256)"
}

by_openssl() {
	key=$(printf '%s' "$DAY" | hmac "key:AWS4$AWS_SECRET_ACCESS_KEY")
	for part in "$REGION" "$SERVICE" aws4_request; do
		key=$(printf '%s' "$part" | hmac "hexkey:$key")
	done
	printf 'AWS4-HMAC-SHA256 Credential=%s/%s/%s/%s/aws4_request, ' \
		"$AWS_ACCESS_KEY_ID" "$DAY" "$REGION" "$SERVICE"
	printf 'SignedHeaders=%s, Signature=%s\n' "$NAMES" \
		"$(string_to_sign | hmac "hexkey:$key")"
}

# What it sent, as it says itself.  host is its own affair.
by_curl() {
	set -- -X "$METHOD"
	[ "$METHOD" = GET ] || set -- "$@" --data-binary "@$SCRATCH/body"
	while IFS= read -r header; do
		case $header in
		host:*) continue ;;
		esac
		set -- "$@" -H "$header"
	done <"$SCRATCH/headers"
	curl -sS -v -m 60 -o "$SCRATCH/answer" --path-as-is \
		--aws-sigv4 "aws:amz:$REGION:$SERVICE" \
		-u "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" "$@" \
		"$FAKE$URL_PATH${QUERY:+?$QUERY}" 2>"$SCRATCH/verbose"
	tr -d '\r' <"$SCRATCH/verbose" | sed -n 's/^> Authorization: //p'
}

agrees_with_openssl() {
	like "$(by_us)" 'Signature=[0-9a-f]{64}$' "$1 is signed"
	is "$(by_us)" "$(by_openssl)" "$1: so does openssl"
}

CURL=
curl --help auth 2>"$SCRATCH/err" | grep -q -e --aws-sigv4 ||
	CURL="this curl does not sign"
agrees() {
	agrees_with_openssl "$1"
	if [ -z "$CURL" ]; then
		is "$(by_us)" "$(by_curl)" "$1: so does curl"
	else
		skip "$1: so does curl" "$CURL"
	fi
}

: >"$SCRATCH/body"
request GET sqs / '' / ''
agrees "a request without a body"
request POST sqs / '' / '' 'content-type:application/x-amz-json-1.0' \
	'x-amz-target:AmazonSQS.ListQueues'
agrees "an empty body"

printf '{"QueueUrl":"http://127.0.0.1/1/jobs"}' >"$SCRATCH/body"
request POST sqs / '' / '' 'content-type:application/x-amz-json-1.0' \
	'x-amz-target:AmazonSQS.ReceiveMessage' 'x-amzn-query-mode:true'
agrees "JSON"
request POST sqs / '' / '' 'content-type:application/x-amz-json-1.0' \
	"x-amz-security-token:$TOKEN" \
	'x-amz-target:AmazonSQS.ReceiveMessage' 'x-amzn-query-mode:true'
agrees "a session token"
printf '{"MessageBody":"Gr\303\274\303\237e \342\202\254 \360\237\220\221"}\r\n' \
	>"$SCRATCH/body"
request POST sqs / '' / '' 'content-type:application/x-amz-json-1.0' \
	'x-amz-target:AmazonSQS.SendMessage'
agrees "UTF-8"
head -c 300000 /dev/zero | tr '\0' x >"$SCRATCH/body"
agrees "a large body"

: >"$SCRATCH/body"
QUERY='Action=ListQueues&Name=a%20b%2Fc%2B%3D%26d~e-f_g.h&Version=2012-11-05'
request GET sqs / "$QUERY" / "$QUERY"
agrees "a query with reserved characters"
request GET sqs / 'b=2&a-=1&a=1&a=0&c' / 'a=0&a=1&a-=1&b=2&c='
agrees_with_openssl "an unsorted query"
request GET sqs / 'q=it%27s+(1)%2a&u=%c3%bc' / 'q=it%27s%2B%281%29%2A&u=%C3%BC'
agrees_with_openssl "a query with more to encode"

printf 'x' >"$SCRATCH/body"
request POST sqs / '' / '' 'x-note:  three   blanks   within'
agrees "blanks in a header"
request POST sqs '/1/a%20b/./c/../d//' '' '/1/a%2520b/d/' ''
agrees_with_openssl "a path that is not in its normal form"

: >"$SCRATCH/body"
DECODED_PATH='/bucket/a b/.//ü+=.json'
request GET s3 '/bucket/a%20b/.//%C3%BC%2B%3D.json' '' \
	'/bucket/a%20b/.//%C3%BC%2B%3D.json' '' "x-amz-content-sha256:$EMPTY" \
	"x-amz-security-token:$TOKEN"
agrees "the path of an object"
done_testing
