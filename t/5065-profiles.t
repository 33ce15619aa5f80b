#!/bin/sh
# AWS's shared files, a case at a time, as sqs-send reads them and as botocore
# does, which is the AWS CLI's reader.
. "$(dirname "$0")/lib.sh"

python=
for each in build/moto/venv/bin/python "$(command -v python3)"; do
	[ -z "$python" ] && "$each" -c 'import botocore.session' 2>/dev/null &&
		python=$each
done
start_fake
new_queue jobs
mkdir "$SCRATCH/cases"
unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY
keys='aws_access_key_id = AKIDGOOD
aws_secret_access_key = x'

# reads NAME PROFILE WANT [BOTOCORE]: stdin is a case's files, the credentials
# file's lines below one of "---".  WANT is "good", the key AKIDGOOD; "refused",
# of which sqs-send names the line; or "nothing".  BOTOCORE is what that reader
# says if it is another.
n=0
: >"$SCRATCH/wanted"
reads() {
	n=$((n + 1))
	mkdir -p "$SCRATCH/cases/$n"
	awk -v to="$SCRATCH/cases/$n/" '/^---$/ { part = 1; next }
		{ print > (to (part ? "credentials" : "config")) }'
	printf '%s\n' "$2" >"$SCRATCH/cases/$n/profile"
	printf '%s %s\n' "$n" "${4:-$3}" >>"$SCRATCH/wanted"
	got=$(ours "$n")
	is "$got" "$3" "$1: $3"
}
ours() {
	if env AWS_CONFIG_FILE="$SCRATCH/cases/$1/config" \
		AWS_SHARED_CREDENTIALS_FILE="$SCRATCH/cases/$1/credentials" \
		AWS_PROFILE="$(cat "$SCRATCH/cases/$1/profile")" \
		"$BUILD/sqs-send" -q "$QUEUE" body >"$SCRATCH/out" 2>&1 </dev/null; then
		fake "/_calls?since=0" | jq -r 'last | .key_id' |
			sed 's/^AKIDGOOD$/good/'
	elif grep -Eq '(config|credentials) file, line [0-9]+: ' "$SCRATCH/out"; then
		echo refused
	elif grep -Eq 'does not exist|says nothing|has no aws_secret' "$SCRATCH/out"; then
		echo nothing
	else
		cat "$SCRATCH/out"
	fi
}

# -- sections
reads "a profile of the config file" a good <<EOF2
[profile a]
$keys
EOF2
reads "the default without a prefix" default good <<EOF2
[default]
$keys
EOF2
reads "and with one" default good <<EOF2
[profile default]
$keys
EOF2
reads "a section of another form" a nothing <<EOF2
[a]
$keys
EOF2
reads "a profile of the credentials file" a good <<EOF2
---
[a]
$keys
EOF2
reads "one with the config file's prefix" a nothing <<EOF2
---
[profile a]
$keys
EOF2
reads "a name with a blank, in quotes" 'a b' good <<EOF2
[profile "a b"]
$keys
EOF2
reads "in others" 'a b' good <<EOF2
[profile 'a b']
$keys
EOF2
reads "with a backslash" 'a b' good <<EOF2
[profile a\\ b]
$keys
EOF2
reads "without quotes" 'a b' nothing <<EOF2
[profile a b]
$keys
EOF2
reads "without quotes in the credentials file" 'a b' good <<EOF2
---
[a b]
$keys
EOF2
reads "quotes in the credentials file are of the name" a nothing <<EOF2
---
["a"]
$keys
EOF2
reads "a quote that is not closed" a nothing <<EOF2
[profile "a]
$keys
EOF2
reads "a tab behind the prefix" a good <<EOF2
[profile	a]
$keys
EOF2
reads "a longer prefix" a good <<EOF2
[profiles a]
$keys
EOF2
reads "a prefix without a blank" a nothing <<EOF2
[profilea]
$keys
EOF2
reads "characters of all kinds" 'a!b#c;d' good <<EOF2
[profile a!b#c;d]
$keys
EOF2
reads "a bracket in the name" 'a]b' good <<EOF2
[profile a]b]
$keys
EOF2
reads "blanks around a title" a good nothing <<EOF2
[ profile a ]
$keys
EOF2
reads "blanks around one in the credentials file" a good nothing <<EOF2
---
[ a ]
$keys
EOF2
reads "a comment behind a title" a good <<EOF2
[profile a] # c
$keys
EOF2
reads "anything else behind it" a good <<EOF2
[profile a] c
$keys
EOF2
reads "the same section twice" a good refused <<EOF2
[profile a]
region=x
[profile a]
$keys
EOF2
reads "a title without an end" a refused <<EOF2
[profile a
$keys
EOF2
reads "an empty title" a good refused <<EOF2
[profile a]
$keys
[]
b=1
EOF2

# -- blanks
reads "an indented title" a good <<EOF2
  [profile a]
$keys
EOF2
reads "a file that is indented as a whole" a good <<EOF2
  [profile a]
  aws_access_key_id = AKIDGOOD
  aws_secret_access_key = x
EOF2
reads "properties that are" a good <<EOF2
[profile a]
    aws_access_key_id = AKIDGOOD
    aws_secret_access_key = x
EOF2
reads "the second deeper than the first" a nothing <<EOF2
[profile a]
aws_access_key_id = AKIDGOOD
  aws_secret_access_key = x

EOF2
reads "an indented title behind a property goes on with it" b nothing <<EOF2
[profile a]
region = x
  [profile b]
  aws_access_key_id = AKIDGOOD
  aws_secret_access_key = x
EOF2
reads "blank lines" a good <<EOF2

 
[profile a]
	
$keys
 

EOF2
reads "a continuation" a good <<EOF2
[profile a]
x = 1
 2
$keys
EOF2
reads "and one behind a blank line" a good <<EOF2
[profile a]
x = 1

 2
$keys
EOF2
reads "one of nothing" a refused <<EOF2
[profile a]
 2
$keys
EOF2

# -- comments
reads "other comments" a good <<EOF2
# c
; c
[profile a]
#c
;c
$keys
EOF2
reads "indented ones" a good <<EOF2
  # c
[profile a]
  # c
aws_access_key_id = AKIDGOOD
  ; c
aws_secret_access_key = x
  # c
EOF2
reads "a comment behind a value" a good 'AKIDGOOD # c' <<EOF2
[profile a]
aws_access_key_id = AKIDGOOD # c
aws_secret_access_key = x
EOF2

# -- properties
reads "a block below s3" a good <<EOF2
[profile a]
s3 =
  max_concurrent_requests = 20
  # c

  max_queue_size=10
$keys
EOF2
reads "one that is empty" a good <<EOF2
[profile a]
s3 =
$keys
EOF2
reads "one with a line that has no equals sign" a refused <<EOF2
[profile a]
s3 =
  x
$keys
EOF2
reads "a colon for an equals sign" a good <<EOF2
[profile a]
aws_access_key_id: AKIDGOOD
aws_secret_access_key : x
EOF2
reads "no blanks" a good <<EOF2
[profile a]
aws_access_key_id=AKIDGOOD
aws_secret_access_key=x
EOF2
reads "capitals" a good <<EOF2
[profile a]
AWS_Access_Key_Id = AKIDGOOD
AWS_SECRET_ACCESS_KEY = x
EOF2
reads "an unknown property" a good <<EOF2
[profile a]
no such thing = 1
$keys
EOF2
reads "a property twice" a good refused <<EOF2
[profile a]
aws_access_key_id = AKIDBAD
$keys
EOF2
reads "one without a name" a refused <<EOF2
[profile a]
= 1
$keys
EOF2
reads "one without a value" a refused <<EOF2
[profile a]
$keys
region
EOF2
reads "one before all sections" default refused <<EOF2
a = 1
[default]
$keys
EOF2
reads "which is the default's" a good refused <<EOF2
a = 1
[profile a]
$keys
EOF2
reads "a fault in another profile" a good refused <<EOF2
[profile b]
c
[profile a]
$keys
EOF2
reads "a fault in the other file" a good refused <<EOF2
[profile a]
$keys
---
[b]
c
EOF2

# -- two files
reads "both files have the key" a good <<EOF2
[profile a]
aws_access_key_id = AKIDBAD
aws_secret_access_key = x
---
[a]
$keys
EOF2
reads "the config file has the rest" a good <<EOF2
[profile a]
region = eu-west-1
---
[a]
$keys
EOF2
reads "a token by its name of old" a good <<EOF2
[profile a]
aws_security_token = t
$keys
EOF2

# -- bytes
both='aws_access_key_id = AKIDGOOD'
printf '[profile a]\r\n%s\r\naws_secret_access_key = x\r\n' "$both" >"$SCRATCH/bytes"
reads "lines that end as in DOS" a good <"$SCRATCH/bytes"
printf '[profile a]\r%s\raws_secret_access_key = x\r' "$both" >"$SCRATCH/bytes"
reads "or as on machines of old" a good <"$SCRATCH/bytes"
printf '\357\273\277[default]\n%s\n' "$keys" >"$SCRATCH/bytes"
reads "a byte order mark" default refused <"$SCRATCH/bytes"
printf '[profile a]\n# \344\n%s\n' "$keys" >"$SCRATCH/bytes"
reads "a comment in Latin 1" a good refused <"$SCRATCH/bytes"

# -- the same by botocore
if [ -z "$python" ]; then
	skip "botocore reads the same" "no python3 here has botocore"
	done_testing
fi
cat >"$SCRATCH/theirs.py" <<'EOF2'
import os, sys
from botocore.exceptions import *
from botocore.session import Session

def read(case):
    os.environ["AWS_CONFIG_FILE"] = case + "/config"
    os.environ["AWS_SHARED_CREDENTIALS_FILE"] = case + "/credentials"
    session = Session(profile=open(case + "/profile").read().rstrip("\n"))
    try:
        session.get_scoped_config()
        chain = session.get_component("credential_provider")
        for name in "shared-credentials-file", "config-file":
            found = chain.get_provider(name).load()
            if found:
                key = found.access_key
                return "good" if key == "AKIDGOOD" else key
    except ConfigParseError:
        return "refused"
    except (ProfileNotFound, PartialCredentialsError):
        pass
    return "nothing"

for line in open(sys.argv[1] + "/wanted"):
    n, want = line.rstrip("\n").split(" ", 1)
    print(n, read(sys.argv[1] + "/cases/" + n))
EOF2
ok "botocore reads the cases" sh -c \
	"LC_ALL=C.UTF-8 $python '$SCRATCH/theirs.py' '$SCRATCH' >'$SCRATCH/read'"
is "$(cat "$SCRATCH/read")" "$(cat "$SCRATCH/wanted")" \
	"as sqs-send does, or as is written there"
done_testing
