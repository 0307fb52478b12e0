#!/bin/sh
# Imports the classicmodels sample (customers, products, staff, orders, shipments and payments of 2003 to 2005) into a new
# data directory.
#
#   examples/classicmodels/import.sh SOURCE OUT
#
# SOURCE holds the CSV files, OUT must not exist or be empty. The program is what
# DESK names, else the one built here (cargo build --release), else `desk` on the path.
# No order gets an approval, because nobody knows who gave it; `check` warns of those that were sent. A cancelled order is
# void, one on hold is held; both are signed by `import`. The source has no invoices: each order that was not cancelled is
# invoiced in full on its day. Nor does it say what payments were for: what is due first is paid first.
set -eu

if [ $# -ne 2 ]; then
    echo "usage: $0 SOURCE OUT" >&2
    exit 2
fi
source=$1
out=$2
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
built=$here/../../target/release/desk
if [ -z "${DESK:-}" ] && [ -x "$built" ]; then
    DESK=$built
fi
desk=${DESK:-desk}

# The words of a column as a list of TOML; the files quote none of them.
words() {
    tr -d '\r' < "$1" | sed -e 1d -e 's/.*,//' -e '/^$/d' | sort -u | sed -e 's/.*/"&"/' | paste -s -d , -
}

"$desk" init "$out" --name "Classic Models" --currency USD --time-zone UTC
cat > "$out/desk.toml" <<CONFIG
[company]
name = "Classic Models"
time_zone = "UTC"

[defaults]
currency = "USD"
tax_rate = "0"
prices_include_tax = false

[lists]
categories = [$(words "$source/productlines.csv")]
districts = [$(words "$source/offices.csv")]

[tolerance]
invoice_basis = "ordered"
CONFIG

import() {
    mapping=$1
    shift
    "$desk" -C "$out" import "$here/$mapping.toml" "$@" --history
}

import importer "$here/importer.csv"
import staff "$source/employees.csv" "$source/offices.csv"
import products "$source/products.csv"
import customers "$source/customers.csv"
import orders "$source/orders.csv" "$source/orderdetails.csv" "$source/customers.csv"

# Which id an order has here, by its number in the source.
numbers=$(mktemp -d)
trap 'rm -rf "$numbers"' EXIT
"$desk" -C "$out" order list --cols id,customer_po -O csv > "$numbers/numbers.csv"
import shipments "$source/orders.csv" "$source/orderdetails.csv" "$numbers/numbers.csv"
import invoices "$source/orders.csv" "$source/orderdetails.csv" "$source/customers.csv" "$numbers/numbers.csv"
import payments "$source/payments.csv"
payers=$(tr -d '\r' < "$source/payments.csv" | sed -e 1d -e 's/,.*//' | sort -u)
# Customer numbers hold no blanks, so that each is a word of its own.
# shellcheck disable=SC2086
DESK_USER=import "$desk" -C "$out" payment match --as-paid $payers

"$desk" -C "$out" check
