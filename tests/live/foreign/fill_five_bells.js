// Makes the tables of Five Bells Ledger and its accounts main, other and payee, two of which have money. Found by NODE_PATH.
const source = "five-bells-ledger/src/";
const { createTables } = require(source + "lib/db");
const { insertAccounts } = require(source + "models/accounts");

const accounts = { main: "1000000", other: "1000000", payee: "0" };

createTables()
  .then(() => insertAccounts(Object.entries(accounts).map(([name, balance]) => ({ name, balance }))))
  .then(() => process.exit(0))
  .catch((error) => {
    console.error(error);
    process.exit(1);
  });
