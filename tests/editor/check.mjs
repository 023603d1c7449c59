// Prints a table of checks as Markdown, and fails if one of them does. Arguments: the checkout, and a folder with log.sarif and sarif.json.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import Ajv from 'ajv';
import Ajv2020 from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';

const [root, work] = process.argv.slice(2);
const rows = [];
function row(check, ok, what) {
  rows.push({ check, ok, what });
}

// Spec files against the generated schemas.
const files = (dir) => readdirSync(dir).flatMap((name) => {
  const path = join(dir, name);
  return statSync(path).isDirectory() ? files(path) : path.endsWith('.yaml') ? [path] : [];
});
const schemaOf = (spec, path) => {
  const inside = path.slice(spec.length + 1);
  return inside.startsWith('reports') ? 'report' : inside.replace('.yaml', '');
};
const version = (name) => JSON.parse(readFileSync(join(work, 'node_modules', name, 'package.json'))).version;
for (const spec of ['spec', 'tests/fixtures/harbour/spec'].map((dir) => join(root, dir))) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  addFormats(ajv);
  for (const format of ['uint16', 'uint32', 'uint64', 'uint']) ajv.addFormat(format, true);
  const validators = {};
  const faults = [];
  let accepted = 0;
  let refused = 0;
  const all = files(spec);
  for (const path of all) {
    const name = schemaOf(spec, path);
    validators[name] ??= ajv.compile(JSON.parse(readFileSync(join(root, `generated/schema/spec/${name}.schema.json`))));
    const value = parse(readFileSync(path, 'utf8'), { version: '1.2', schema: 'core' });
    if (validators[name](value)) accepted += 1;
    else faults.push(`${path}: ${ajv.errorsText(validators[name].errors)}`);
    // The control: the same file with a key that the language does not have.
    const entry = ['assumptions', 'endpoints'].includes(name) ? Object.values(value[name])[0] : value;
    entry.unheard_of = 1;
    if (!validators[name](value)) refused += 1;
  }
  const where = spec.slice(root.length + 1);
  const ok = accepted === all.length && refused === all.length;
  row(`ajv ${version('ajv')}: \`${where}\``, ok, `${accepted} of ${all.length} files fit their schema; with an unknown key ${all.length - refused} do${faults.map((f) => `; ${f}`).join('')}`);
}

// The SARIF log against the official schema.
{
  const schema = JSON.parse(readFileSync(join(work, 'sarif.json')));
  // One of its patterns is not a regular expression of Unicode mode.
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats(ajv);
  const validate = ajv.compile(schema);
  const log = JSON.parse(readFileSync(join(work, 'log.sarif')));
  const results = log.runs[0].results;
  const valid = validate(log);
  const fixes = results.filter((result) => result.fixes).length;
  const related = results.filter((result) => result.relatedLocations).length;
  const text = ajv.errorsText(validate.errors);
  results[0].level = 'dreadful';
  const control = !validate(log);
  row(`ajv ${version('ajv')}: \`check --format sarif\` against the schema of SARIF 2.1.0`, valid && control && fixes > 0 && related > 0,
    valid ? `valid: ${results.length} results, ${fixes} with a fix, ${related} with a related place; a wrong level is refused` : text);
}

// The language server, over stdio as an editor runs it.
const server = spawn(process.execPath, [join(work, 'node_modules/yaml-language-server/bin/yaml-language-server'), '--stdio']);
let buffer = Buffer.alloc(0);
let next = 1;
const waiting = new Map();
const notified = [];
function send(message) {
  const text = JSON.stringify({ jsonrpc: '2.0', ...message });
  server.stdin.write(`Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`);
}
function request(method, params) {
  const id = next++;
  send({ id, method, params });
  return new Promise((resolve) => waiting.set(id, resolve));
}
server.stdout.on('data', (data) => {
  buffer = Buffer.concat([buffer, data]);
  for (;;) {
    const end = buffer.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/Content-Length: (\d+)/i.exec(buffer.subarray(0, end).toString())[1]);
    if (buffer.length < end + 4 + length) return;
    const message = JSON.parse(buffer.subarray(end + 4, end + 4 + length));
    buffer = buffer.subarray(end + 4 + length);
    if (message.id !== undefined && message.method) {
      // The server asks for its settings: all defaults.
      send({ id: message.id, result: message.method === 'workspace/configuration' ? message.params.items.map(() => ({})) : null });
    } else if (message.id !== undefined) {
      waiting.get(message.id)?.(message.result);
    } else if (message.method === 'textDocument/publishDiagnostics') {
      notified.splice(0).forEach((resolve) => resolve(message.params));
    }
  }
});
const deadline = setTimeout(() => {
  console.error('the language server did not answer within a minute');
  process.exit(1);
}, 60_000);
await request('initialize', { processId: process.pid, rootUri: pathToFileURL(root).href, capabilities: { textDocument: { completion: { completionItem: { snippetSupport: true } } } } });
send({ method: 'initialized', params: {} });

let opened = 0;
/** Opens a report, and returns its address and its diagnostics. */
async function open(text) {
  const uri = pathToFileURL(join(root, `spec/reports/sendings/opened_${opened++}.yaml`)).href;
  const line = '# yaml-language-server: $schema=../../../generated/schema/spec/report.schema.json\n';
  const answer = new Promise((resolve) => notified.push(resolve));
  send({ method: 'textDocument/didOpen', params: { textDocument: { uri, languageId: 'yaml', version: 1, text: line + text } } });
  return { uri, diagnostics: (await answer).diagnostics };
}
const server_ = `yaml-language-server ${version('yaml-language-server')}`;
const sendings = readFileSync(join(root, 'spec/reports/sendings/sendings.yaml'), 'utf8');
const clean = await open(sendings);
row(`${server_}: \`sendings.yaml\``, clean.diagnostics.length === 0, `${clean.diagnostics.length} problems`);

const wrong = await open(sendings.replace(/^coverage:/m, 'covrage:'));
const found = wrong.diagnostics.find((one) => one.message.includes('covrage'));
row(`${server_}: a misspelled key`, found !== undefined, found ? `line ${found.range.start.line + 1}: ${found.message.split('\n')[0]}` : 'not reported');

const word = await open(sendings.replace(/^coverage: .*$/m, 'coverage: wohle'));
const value = word.diagnostics[0];
row(`${server_}: a misspelled value`, value !== undefined, value ? `line ${value.range.start.line + 1}: ${value.message.split('\n')[0]}` : 'not reported');

async function complete(text, line, character) {
  const { uri } = await open(text);
  const result = await request('textDocument/completion', { textDocument: { uri }, position: { line, character } });
  return (result?.items ?? result ?? []).map((item) => item.label);
}
const keys = await complete('report: x\nformat: records\ncover', 3, 5);
row(`${server_}: completes the key \`cover…\``, keys.includes('coverage'), `offers ${keys.map((key) => `\`${key}\``).join(', ') || 'nothing'}`);
const values = await complete('report: x\ncoverage: ', 2, 10);
row(`${server_}: completes the value of \`coverage\``, values.includes('name-only'), `offers ${values.map((key) => `\`${key}\``).join(', ') || 'nothing'}`);
const nested = await complete('report: x\nfields:\n  id: { type: integer, fil }', 3, 26);
row(`${server_}: completes a key of a field`, nested.includes('filterable'), `offers ${nested.map((key) => `\`${key}\``).join(', ') || 'nothing'}`);
clearTimeout(deadline);
server.kill();

console.log('# Validators and editors\n\nMade by `tests/editor/run.sh`.\n\n| Check | Passes | Result |\n|---|---|---|');
for (const { check, ok, what } of rows) console.log(`| ${check} | ${ok ? 'yes' : '**no**'} | ${what.replaceAll('|', '\\|').replaceAll('\n', ' ')} |`);
if (rows.some(({ ok }) => !ok)) process.exit(1);
