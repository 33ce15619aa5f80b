#!/bin/sh
# By hand, it loads 37 MB from npm: are the names of terraform/ also those of
# version 6.25.0 of the AWS provider?  Its bindings for another tool list every
# argument, block and required one.  Blind to values, to dynamic blocks'
# numbers, and to what is inside jsonencode.
#
#	t/provider-6.sh
set -eu

cache=${XDG_CACHE_HOME:-/var/cache}/sqsherd-test/provider-6
root=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$cache"
cd "$cache"
[ -f package/.jsii ] || {
	npm pack --silent @cdktf/provider-aws@21.22.1 >/dev/null
	tar xzf cdktf-provider-aws-*.tgz package/.jsii
	rm cdktf-provider-aws-*.tgz
}
[ -d node_modules ] || npm install --silent --ignore-scripts \
	@cdktf/hcl2json@0.21.0

cat >parse.js <<'EOF'
const { parse } = require("@cdktf/hcl2json");
const fs = require("fs");
(async () => {
  const out = [];
  for (const file of process.argv.slice(2))
    out.push(await parse(file, fs.readFileSync(file, "utf8")));
  console.log(JSON.stringify(out));
})();
EOF
node parse.js "$root"/terraform/*/*.tf >parsed.json

python3 - <<'EOF'
import json
import re
import sys

types = json.load(open("package/.jsii"))["types"]
parsed = json.load(open("parsed.json"))
META = {"count", "for_each", "depends_on", "lifecycle", "provider"}
problems = []
checked = 0


def snake(name):
    return re.sub(r"([A-Z])", lambda m: "_" + m[1].lower(), name)


def interfaces():
    """Interface of the arguments, by aws_x; and by data.aws_x."""
    found = {}
    for t in types.values():
        link = re.search(r"/docs/(resources|data-sources)/(\w+)",
                         t.get("docs", {}).get("remarks", "") +
                         t.get("docs", {}).get("summary", ""))
        if not link or t["kind"] != "class" or "initializer" not in t:
            continue
        for p in t["initializer"].get("parameters", []):
            if p["name"] == "config":
                data = "data." if link[1] == "data-sources" else ""
                found[data + "aws_" + link[2]] = p["type"]["fqn"]
    return found


def block_type(prop):
    """The interface of a nested block, or None for a plain argument."""
    def fqns(node):
        if isinstance(node, dict):
            if "fqn" in node:
                yield node["fqn"]
            for value in node.values():
                yield from fqns(value)
        elif isinstance(node, list):
            for value in node:
                yield from fqns(value)
    own = [f for f in fqns(prop["type"]) if f.startswith("@cdktf/")]
    return own[0] if own else None


def check(where, fqn, body):
    global checked
    props = {snake(p["name"]): p for p in types[fqn].get("properties", [])}
    given = dict(body)
    for name, blocks in given.pop("dynamic", {}).items():
        given[name] = [b["content"][0] for b in blocks]
    for name, value in given.items():
        if name in META and name not in props:
            continue
        checked += 1
        if name not in props:
            problems.append(f"{where}: no argument {name}")
            continue
        nested = block_type(props[name])
        if nested and isinstance(value, list):
            for one in value:
                if isinstance(one, dict):
                    check(f"{where}.{name}", nested, one)
    for name, p in props.items():
        if not p.get("optional") and name not in given:
            problems.append(f"{where}: {name} is missing")


known = interfaces()
for document in parsed:
    for kind, prefix in (("resource", ""), ("data", "data.")):
        for type_, named in document.get(kind, {}).items():
            for name, bodies in named.items():
                if prefix + type_ not in known:
                    problems.append(f"no {prefix}{type_}")
                    continue
                for body in bodies:
                    check(f"{prefix}{type_}.{name}",
                          known[prefix + type_], body)
print(f"{checked} arguments, {len(problems)} unknown or missing")
for problem in problems:
    print(problem)
sys.exit(bool(problems) or checked < 100)
EOF
