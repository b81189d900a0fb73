#!/usr/bin/env bash
# Everything that is checked without running the product. All checks run; the summary names what failed.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"

scratch="$(mktemp -d)"
trap 'rm -rf "$scratch"' EXIT
failed=()

check() { # check <name> <command …>
  local name="$1" log="$scratch/log"
  shift
  if "$@" >"$log" 2>&1; then
    echo "ok      $name"
  else
    echo "FAILED  $name"
    sed 's/^/        /' "$log"
    failed+=("$name")
  fi
}

demo() { env DEMO=1 DATA_DIR="$scratch/var" "$@"; }

production() {
  env -u DEMO SECRET_KEY="$(random)$(random)" BLIND_INDEX_KEY="$(random)" FIELD_KEYS="first:$(random)" SMS_BACKEND=aliyun \
    ALIYUN_SMS_ACCESS_KEY_ID=id ALIYUN_SMS_ACCESS_KEY_SECRET="$(random)" \
    AUDIT_HEADS=syslog:/dev/log HOTLINE=02788880000 \
    BACKUP_RECIPIENTS=age1vne8t597dver6hsza3t8dxe2w8dfy467mjg04kc0xp7xkny7x34sdgpn3h \
    ALLOWED_HOSTS=estate.example DATA_DIR="$scratch/var" "$@"
}

random() { python -c 'import base64, os; print(base64.b64encode(os.urandom(32)).decode())'; }

mkdir -p "$scratch/var"
# Asks an index about each package: in the background, and its outcome comes last.
(
  python tools/known_weaknesses.py >"$scratch/weaknesses" 2>&1
  echo $? >"$scratch/weaknesses.code"
) &
check "lint (ruff)" ruff check .
check "format (ruff)" ruff format --check .
check "layers (import-linter)" lint-imports --no-cache
check "templates (djlint)" djlint --lint templates --quiet
check "types (mypy)" demo mypy
check "translations" demo python manage.py translations --check
check "migrations" demo python manage.py makemigrations --check --dry-run
check "deployment" production python manage.py check --deploy --fail-level WARNING
check "API description" demo python manage.py spectacular --file /dev/null --validate --fail-on-warn
check "shell scripts" bash -n tools/*.sh .ci/run
check "bill of materials (SBOM)" python tools/sbom.py "$scratch/sbom.json"
wait
if [ "$(cat "$scratch/weaknesses.code")" = 3 ]; then
  echo "NOT REACHED  known weaknesses (pip-audit): nobody has said that the pinned packages are sound"
  sed 's/^/        /' "$scratch/weaknesses"
else
  check "known weaknesses (pip-audit)" sh -c "cat '$scratch/weaknesses'; exit $(cat "$scratch/weaknesses.code")"
fi

if [ "${#failed[@]}" -gt 0 ]; then
  echo "${#failed[@]} of the checks failed: $(IFS=','; echo "${failed[*]}")"
  exit 1
fi
echo "All checks passed"
