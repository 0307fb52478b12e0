//! The import of a whole company by the script of `examples/classicmodels`, on a handful of rows in
//! the layout of that sample.
//!
//! The sample itself is not part of the project. Imported whole, its last payments are of 2005-06-03
//! (12,432.32) and 2005-06-09 (46,656.94): customers owe 511,497.20, 16 of them, as of 2005-06-09,
//! and 570,586.46, 18 of them, as of 2005-06-01, as its payments and orders do by SQL. Customers 328
//! (43,525.04), 362 (50,806.85) and 450 (83,984.89) are over their limit on either day, and order
//! 10165, required on 2003-10-31 and shipped on 2003-12-26, is the only one that was late.

use std::{fs, path::Path, process::Command};

const SOURCE: &[(&str, &str)] = &[
    ("productlines.csv", "productLine\nPlanes\nShips\n"),
    (
        "offices.csv",
        "officeCode,city,phone,addressLine1,addressLine2,state,country,postalCode,territory\n\
         1,Paris,+33,1 Rue,,,France,75000,EMEA\n",
    ),
    (
        "employees.csv",
        "employeeNumber,lastName,firstName,extension,email,officeCode,reportsTo,jobTitle\n\
         1002,Murphy,Diane,x1,d@example.com,1,,President\n\
         1370,Hernandez,Gerard,x2,g@example.com,1,1002,Sales Rep\n",
    ),
    (
        "products.csv",
        "productCode,productName,productLine,productScale,productVendor,quantityInStock,buyPrice,MSRP\n\
         S1_1,Old Plane,Planes,1:10,Min Lin,10,48.81,95.70\n\
         S1_2,\"Ship, old\",Ships,1:10,Min Lin,10,10.00,20.00\n",
    ),
    (
        "customers.csv",
        "customerNumber,customerName,contactLastName,contactFirstName,phone,addressLine1,\
         addressLine2,city,state,postalCode,country,salesRepEmployeeNumber,creditLimit\n\
         103,Atelier graphique,Schmitt,Carine ,40.32,\"54, rue Royale\",,Nantes,,44000,France,1370,21000.00\n\
         125,Havel & Co,Novak,Jan,26,ul. 68,,Warszawa,,01-012,Poland,,0.00\n",
    ),
    (
        "orders.csv",
        "orderNumber,orderDate,requiredDate,shippedDate,status,customerNumber\n\
         10100,2003-01-06,2003-01-13,2003-01-10,Shipped,103\n\
         10101,2003-02-09,2003-02-18,,Cancelled,103\n\
         10102,2003-02-10,2003-02-18,,On Hold,125\n\
         10165,2003-10-22,2003-10-31,2003-12-26,Shipped,103\n",
    ),
    (
        "payments.csv",
        "customerNumber,checkNumber,paymentDate,amount\n\
         103,HQ336336,2003-02-01,2000.00\n\
         103,JM555205,2003-06-03,899.90\n",
    ),
    (
        "orderdetails.csv",
        "orderNumber,productCode,quantityOrdered,priceEach,orderLineNumber\n\
         10100,S1_1,30,90.00,2\n\
         10100,S1_2,10,19.99,1\n\
         10101,S1_2,5,20.00,1\n\
         10102,S1_1,1,95.70,1\n\
         10165,S1_2,1,10.00,1\n",
    ),
];

fn desk(data: &Path, line: &str) -> String {
    let ran = Command::new(env!("CARGO_BIN_EXE_desk"))
        .env_clear()
        .env("DESK_TODAY", "2026-09-23")
        .arg("-C")
        .arg(data)
        .args(line.split_whitespace())
        .output()
        .expect("the program runs");
    assert!(ran.status.success(), "{line}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8_lossy(&ran.stdout).into_owned()
}

#[test]
#[expect(
    clippy::disallowed_methods,
    reason = "a test writes what another program would have written"
)]
fn the_example_script_imports_a_whole_company() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let (source, data) = (folder.path().join("source"), folder.path().join("data"));
    fs::create_dir(&source).expect("a folder");
    for (name, text) in SOURCE {
        fs::write(source.join(name), text).expect("a file");
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/classicmodels/import.sh");
    let ran = Command::new("sh")
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("HOME", folder.path())
        .env("DESK", env!("CARGO_BIN_EXE_desk"))
        .arg(script)
        .args([&source, &data])
        .output()
        .expect("sh runs");
    let said = String::from_utf8_lossy(&ran.stdout);
    assert!(ran.status.success(), "{said}{}", String::from_utf8_lossy(&ran.stderr));
    // Two orders were sent, and nobody knows who approved them.
    assert!(said.contains("0 errors, 2 warnings"), "{said}");
    assert_eq!(said.matches("was not approved when it was sent").count(), 2, "{said}");
    // 30 × 90.00 + 10 × 19.99 + 1 × 95.70 + 10.00 = 3,005.60; the cancelled 5 × 20.00 come on top.
    let sales = "report sales --basis ordered --by year -O csv --cols year,orders,net,cost";
    // 31 × 48.81 + 11 × 10.00 = 1,623.11; 5 × 10.00 more with the cancelled order.
    assert_eq!(desk(&data, sales), "year,orders,net,cost\n2003,3,3005.60,1623.11\n");
    let all = desk(&data, &format!("{sales} --include-void"));
    assert_eq!(all, "year,orders,net,cost\n2003,4,3105.60,1673.11\n");
    let stages = desk(&data, "order list --include-void -O csv --cols id,customer_po,stage");
    assert_eq!(
        stages,
        "id,customer_po,stage\nSO-0301-0001,10100,awaiting review\nSO-0302-0001,10101,void\n\
         SO-0302-0002,10102,on hold\nSO-0310-0001,10165,awaiting review\n"
    );
    owed(&data);
}

/// What customers owe once every order that was not cancelled is invoiced, and what is due first is
/// paid first: 2,899.90 on 6 January, 95.70 on 10 February, 10.00 on 22 October.
fn owed(data: &Path) {
    let line = |day: &str| format!("report receivables --as-of {day} -O csv --cols customer,open");
    let owed = |day: &str| desk(data, &line(day));
    assert_eq!(owed("2003-01-31"), "customer,open\n103,2899.90\n");
    assert_eq!(owed("2003-06-02"), "customer,open\n103,899.90\n125,95.70\n");
    assert_eq!(owed("2003-06-03"), "customer,open\n125,95.70\n");
    assert_eq!(owed("2003-10-22"), "customer,open\n103,10.00\n125,95.70\n");
    let over = "customer list --as-of 2003-06-03 credit_left:..-0.01 -O csv --cols id,exposure";
    assert_eq!(desk(data, over), "id,exposure\n125,95.70\n");
    let shipped = "ship list -O csv --cols id,remarks,promised_on,shipped_on";
    assert_eq!(
        desk(data, shipped),
        "id,remarks,promised_on,shipped_on\nSH-0301-0001,10100,2003-01-13,2003-01-10\n\
         SH-0312-0001,10165,2003-10-31,2003-12-26\n"
    );
    late(data);
}

/// One delivery was late: of order 10165, by the 56 days from 31 October to 26 December; while it is
/// not sent it is late by the days that have gone, as is what is on hold since February.
fn late(data: &Path) {
    let late = |as_of: &str| {
        let columns = "id,due_on,done_on,late_days";
        let line = format!("report deliveries {as_of} --table late -O csv --cols {columns}");
        desk(data, &line).replace(&format!("{columns}\n"), "")
    };
    assert_eq!(
        late("--as-of 2003-12-31"),
        "SO-0302-0002,2003-02-18,,316\nSO-0310-0001,2003-10-31,2003-12-26,56\n"
    );
    assert_eq!(
        late("--as-of 2003-11-30"),
        "SO-0302-0002,2003-02-18,,285\nSO-0310-0001,2003-10-31,,30\n"
    );
    assert_eq!(late("--as-of 2003-10-30"), "SO-0302-0002,2003-02-18,,254\n");
    let columns = "lines,on_time_in_full,in_full";
    let line = format!("report deliveries --as-of 2003-12-31 --by year -O csv --cols {columns}");
    assert_eq!(desk(data, &line), format!("{columns}\n4,2,3\n"));
}
