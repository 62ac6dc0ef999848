#!/bin/sh
# Verifies the closing of a period with OpenSSL 3.0 or later and jq: verify.sh STATEMENT DOCUMENT KEYS
# The files are what /v1/closings/{id}/statement, /v1/closings/{id}/document and /v1/closings/keys returned.
set -eu
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Writes the bytes of a base64url text.
plain() {
  text=$(printf %s "$1" | tr '_-' '/+')
  while [ $((${#text} % 4)) -ne 0 ]; do text="$text="; done
  printf %s "$text" | base64 -d
}

statement=$(cat "$1")
header=${statement%%.*} signature=${statement##*.} signed=${statement%.*}
kid=$(plain "$header" | jq -r .kid)
x=$(jq -r --arg kid "$kid" '.keys[] | select(.kid == $kid) | .x' "$3")
# A public key of Ed25519 in DER is these twelve bytes and the key.
{ printf '\060\052\060\005\006\003\053\145\160\003\041\000' && plain "$x"; } >"$folder/key"
printf %s "$signed" >"$folder/signed"
plain "$signature" >"$folder/signature"
# OpenSSL 3.0 must read the signed text from a file.
openssl pkeyutl -verify -pubin -keyform DER -inkey "$folder/key" -rawin -in "$folder/signed" -sigfile "$folder/signature"
claims=$(plain "${signed#*.}")
printf '%s  %s\n' "$(printf %s "$claims" | jq -r .document.sha256)" "$2" | sha256sum -c -
printf %s "$claims" | jq -r '"\(.district) \(.period) version \(.version), closed by \(.closed_by.name) at \(.as_of)"'
echo "fingerprint $(plain "$x" | sha256sum | cut -d' ' -f1 | sed 's/..../& /g')"
