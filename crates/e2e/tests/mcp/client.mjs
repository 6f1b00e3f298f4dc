// The official TypeScript client: works through one task in one revision, and prints what it saw.
//
// node client.mjs MODULES REVISION http URL | stdio PROGRAM URL

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, revision, transport, ...target] = process.argv.slice(2);
const require = createRequire(join(modules, 'here.js'));
const load = (name) => import(pathToFileURL(require.resolve(name)));
const { Client, StreamableHTTPClientTransport } = await load('@modelcontextprotocol/client');
const { StdioClientTransport } = await load('@modelcontextprotocol/client/stdio');

const agent = `${transport}-${revision}`;
const isModern = revision === '2026-07-28';
const client = new Client(
  { name: 'a test', version: '1' },
  isModern
    ? { versionNegotiation: { mode: { pin: revision } } }
    : { supportedProtocolVersions: [revision] },
);
const told = [];
client.setNotificationHandler('notifications/resources/updated', (notice) => {
  told.push(notice.params.uri);
});
await client.connect(
  transport === 'http'
    ? new StreamableHTTPClientTransport(new URL(target[0]), {
        requestInit: { headers: { 'TaskTree-Agent': agent } },
      })
    : new StdioClientTransport({
        command: target[0],
        args: ['mcp', '--server', target[1], '--agent', agent],
        env: { HOME: process.env.HOME },
      }),
);

const call = async (name, args) => {
  const result = await client.callTool({ name, arguments: args });
  if (result.isError) throw new Error(`${name}: ${result.content[0].text}`);
  return result.structuredContent;
};
const { tools } = await client.listTools();
const next = await call('board_next', {});
const uri = `tasktree://alpha/task/${next.task.number}`;
const { resources } = await client.listResources();
const { contents } = await client.readResource({ uri });
if (isModern) await client.listen({ resourceSubscriptions: [uri] });
const done = await call('board_done', { summary: 'done' });
while (isModern && told.length === 0) await new Promise((next) => setTimeout(next, 20));
const refused = await client.callTool({ name: 'board_done', arguments: { task: 99, summary: 'x' } });

console.log(
  JSON.stringify({
    revision: client.getNegotiatedProtocolVersion(),
    tools: tools.length,
    agent: next.agent,
    resources: resources.length,
    read: contents[0].text.includes(next.task.title),
    status: done.task.status,
    told: [...new Set(told)],
    refused: refused.isError,
    task: next.task.number,
  }),
);
await client.close();
process.exit(0);
