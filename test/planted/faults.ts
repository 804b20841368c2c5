// The faults that the suites must notice. Each breaks one promise in one file, in words that occur there exactly once; the
// tests named beside it are the narrowest that should fail.

/** One fault to plant. */
export interface Fault {
  /** What the program would then do. */
  name: string;
  file: string;
  /** Words and what stands in their place, one after the other. */
  changes: readonly (readonly [find: string, replace: string])[];
  /** Parts of the paths of the tests that should fail. */
  tests: readonly string[];
}

const ROOM = 'server/src/docs/room.ts';
const CHECK = 'packages/sync/src/docs/check-update.ts';
const DOOR = ['server/src/docs/stock-door.test'];
const CHECKS = ['packages/sync/src/docs/check-update'];
const MODEL = ['packages/model'];
const LEDGER = ['server/src/ledger'];
const STORES = ['web/src/lib/store'];
const ROUTES = ['server/src/routes'];

/** All of them, by the route they lie on: a keystroke, who may, an act, this device. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'a change is acknowledged before it is committed',
    file: ROOM,
    changes: [
      [
        'pending.push({ seq: ++headSeq, member, frame, update });',
        'pending.push({ seq: ++headSeq, member, frame, update });\n    member.acknowledge(frame);',
      ],
    ],
    tests: DOOR,
  },
  {
    name: 'a change that was sent twice is acknowledged before the first is committed',
    file: ROOM,
    changes: [['whenCommitted(headSeq, () => member.acknowledge(frame));', 'member.acknowledge(frame);']],
    tests: DOOR,
  },
  {
    name: 'a change is told to others before it is committed',
    file: ROOM,
    changes: [
      [
        'pending.push({ seq: ++headSeq, member, frame, update });',
        `pending.push({ seq: ++headSeq, member, frame, update });
    for (const place of places.values()) {
      if (place.mode === 'live' && place.member !== member) place.member.send(syncFrame(SYNC_UPDATE, update.bytes), 'live');
    }`,
      ],
    ],
    tests: DOOR,
  },
  {
    name: 'a joiner misses what is stored while it joins',
    file: ROOM,
    changes: [["if (mode === 'joining') queue.push(frame);", "if (mode === 'joining') continue;"]],
    tests: DOOR,
  },
  {
    name: 'a change is sent back to whoever made it',
    file: ROOM,
    changes: [['const others = stored.filter((item) => item.member !== member);', 'const others = stored;']],
    tests: DOOR,
  },
  {
    name: 'a refused equivocation is kept nowhere',
    file: ROOM,
    changes: [
      ["await log.quarantine({ ...sent, docId, reason: 'equivocation', detail: compared.detail });", 'void sent;'],
    ],
    tests: DOOR,
  },
  {
    name: 'other content under known clocks is not noticed',
    file: 'server/src/docs/overlap.ts',
    changes: [["if (detail !== undefined) return { kind: 'different', detail };", 'void detail;']],
    tests: ['server/src/docs/overlap'],
  },
  {
    name: 'a client id of another device is accepted',
    file: 'server/src/docs/admission.ts',
    changes: [['if (!holds(sender, binding)) return', 'if (sender.holder === undefined) return']],
    tests: DOOR,
  },
  {
    name: 'a client id that was not announced is accepted',
    file: 'server/src/docs/session.ts',
    changes: [['mayIntroduce: (clientId) => announced?.ids.has(clientId) ?? true,', 'mayIntroduce: () => true,']],
    tests: DOOR,
  },
  {
    name: 'whoever only reads may write',
    file: 'server/src/docs/admission.ts',
    changes: [["if (!sender.canWrite) return refuse('read-only', 'something new from somebody who only reads');", '']],
    tests: DOOR,
  },
  {
    name: 'presence says what its sender says about who it is',
    file: 'server/src/docs/presence.ts',
    changes: [['{ ...state, user: { person, name, department } }', '{ user: { person, name, department }, ...state }']],
    tests: DOOR,
  },
  {
    name: 'presence under the id of somebody else is accepted',
    file: 'server/src/docs/session.ts',
    changes: [['return clientId === presenceId;', 'return true;']],
    tests: DOOR,
  },
  {
    name: 'presence of somebody who left stays',
    file: 'server/src/docs/presence.ts',
    changes: [['takeDownAll((state) => state.owner === owner)', 'takeDownAll(() => owner === undefined)']],
    tests: DOOR,
  },
  {
    name: 'a gap in the clocks is accepted',
    file: CHECK,
    changes: [["if (clock > known) return refuse('needs-sync'", "if (known < 0) return refuse('needs-sync'"]],
    tests: CHECKS,
  },
  {
    name: 'an item may name a later one of its own client',
    file: CHECK,
    changes: [["if (targetClock >= clock) return refuse('bad-update'", "if (clock < 0) return refuse('bad-update'"]],
    tests: CHECKS,
  },
  {
    name: 'items of two clients may wait for each other',
    file: CHECK,
    changes: [["refuse('bad-update', 'items that wait for each other')", 'accept([])']],
    tests: CHECKS,
  },
  {
    name: 'any root is accepted',
    file: CHECK,
    changes: [['if (!update.roots.every((name) => isRootAllowed(part, name)))', 'if (!isRootAllowed && part)']],
    tests: CHECKS,
  },
  {
    name: 'types nest as deep as somebody likes',
    file: CHECK,
    changes: [['update.types.length > MAX_NESTING &&', 'update.types.length < 0 &&']],
    tests: CHECKS,
  },
  {
    name: 'a deletion may name what nobody has sent',
    file: CHECK,
    changes: [['if (range.clock + range.len > end) return', 'if (end < 0) return']],
    tests: CHECKS,
  },
  {
    name: 'an update may be as large as somebody likes',
    file: CHECK,
    changes: [['if (bytes.length > MAX_UPDATE_BYTES) return', 'if (MAX_UPDATE_BYTES < 0) return']],
    tests: CHECKS,
  },
  {
    name: 'text that is no UTF-8 is accepted',
    file: 'packages/sync/src/docs/update-reader.ts',
    changes: [["if (next < low || next > high) throw new BrokenUpdate('not UTF-8');", 'void [next, low, high];']],
    tests: CHECKS,
  },
  {
    name: 'names that are no UTF-8 are accepted',
    file: 'packages/sync/src/docs/update-reader.ts',
    changes: [['{ fatal: true, ignoreBOM: true }', '{ fatal: false, ignoreBOM: true }']],
    tests: CHECKS,
  },
  {
    name: 'a value of any depth is accepted',
    file: 'packages/sync/src/docs/update-reader.ts',
    changes: [['const MAX_ANY_DEPTH = 64;', 'const MAX_ANY_DEPTH = 1e9;']],
    tests: CHECKS,
  },
  {
    name: 'compaction at the relay drops the oldest row of the tail',
    file: 'server/src/docs/compaction.ts',
    changes: [['const left = tail.filter(', 'const left = tail.slice(1).filter(']],
    tests: ['server/src/docs/compaction'],
  },
  {
    name: 'a snapshot deletes rows it does not cover',
    file: 'server/src/docs/sqlite-update-log.ts',
    changes: [
      [
        "'DELETE FROM doc_update WHERE doc = ? AND seq <= ?'",
        "'DELETE FROM doc_update WHERE doc = ? AND seq <= ? + 1000'",
      ],
    ],
    tests: ['server/src/docs/update-log'],
  },
  {
    name: 'the writer resolves before it commits',
    file: 'server/src/db/writer.ts',
    changes: [
      ['for (const { run } of batch) {', 'for (const { run, resolve } of batch) {'],
      [
        'outcomes.push({ ok: true, value: run() });',
        'const value = run();\n          resolve(value as never);\n          outcomes.push({ ok: true, value });',
      ],
    ],
    tests: ['server/src/db'],
  },
  {
    name: 'a failed job takes the batch with it',
    file: 'server/src/db/writer.ts',
    changes: [['if (isStoreFault(reason) || !db.inTransaction) throw reason;', 'throw reason;']],
    tests: ['server/src/db'],
  },
  {
    name: 'the database runs with synchronous = NORMAL',
    file: 'server/src/db/open.ts',
    changes: [
      ['synchronous = FULL', 'synchronous = NORMAL'],
      ['synchronous: 2', 'synchronous: 1'],
    ],
    tests: ['server/src/db'],
  },
  {
    name: 'documents do not ask who takes part',
    file: 'packages/model/src/access.ts',
    changes: [['if (!holds(subject, IN_CASE.read, audience))', 'if (subject.posts.length === 0)']],
    tests: [...MODEL, 'server/src/routes/access'],
  },
  {
    name: 'cases do not ask who takes part',
    file: 'packages/model/src/access.ts',
    changes: [['if (!holds(subject, IN_CASE.see, resource.participants))', 'if (subject.posts.length === 0)']],
    tests: [...MODEL, 'server/src/routes/access'],
  },
  {
    name: 'notes of one department are read by all that take part',
    file: 'packages/model/src/access.ts',
    changes: [["resource.part === 'private'", "resource.part === ('nothing' as string)"]],
    tests: [...MODEL, 'server/src/routes/access'],
  },
  {
    name: 'a forbidden document does not look absent',
    file: 'packages/model/src/access.ts',
    changes: [["refuse('no-such-doc', 'no department", "refuse('forbidden', 'no department"]],
    tests: [...MODEL, 'server/src/routes/access'],
  },
  {
    name: 'a forbidden case does not look absent',
    file: 'packages/model/src/access.ts',
    changes: [["refuse('no-such-case', 'no department", "refuse('forbidden', 'no department"]],
    tests: [...MODEL, 'server/src/routes/access'],
  },
  {
    name: 'a session never ends',
    file: 'server/src/org/sessions.ts',
    changes: [['row.expiresAtMs > clock.nowMs() ? row', 'row.expiresAtMs > 0 ? row']],
    tests: ROUTES,
  },
  {
    name: 'a door token opens every document',
    file: 'server/src/org/gate.ts',
    changes: [['if (found.doorToken.docId !== docId)', "if (docId === ('' as string))"]],
    tests: ROUTES,
  },
  {
    name: 'what a revoked door token opened stays open',
    file: 'server/src/org/sessions.ts',
    changes: [
      [
        'if (await store.removeDoorToken(hash, session.id)) tell({',
        'if ((await store.removeDoorToken(hash, session.id)) && session.id === hash) tell({',
      ],
    ],
    tests: ROUTES,
  },
  {
    name: 'a cookie is enough without the header of the page',
    file: 'server/src/plugins/origin.ts',
    changes: [["return request.csrfHeader === '1' ? null :", "return request.csrfHeader !== '-' ? null :"]],
    tests: ['server/src/plugins'],
  },
  {
    name: 'a page of any origin may write',
    file: 'server/src/plugins/origin.ts',
    changes: [
      ['if (request.origin !== undefined && !allowed.has(request.origin)) return', 'if (allowed === undefined) return'],
    ],
    tests: ['server/src/plugins'],
  },
  {
    name: 'the relay listens to the world without TLS',
    file: 'server/src/config.ts',
    changes: [['if (!isLoopback(HOST) && tls.value === undefined && trustProxy === false)', "if (HOST === '')"]],
    tests: ['server/src/config'],
  },
  {
    name: 'a demo, whose passwords are known, listens to the world',
    file: 'server/src/config.ts',
    changes: [["if (LIANBAN_DEMO === '1' && !isLoopback(HOST))", "if (HOST === '')"]],
    tests: ['server/src/config'],
  },
  {
    name: 'a receipt does not name the one before it',
    file: 'server/src/ledger/ledger.ts',
    changes: [['...(previous === undefined ? {} : { prevReceipt: previous }),\n        ev:', 'ev:']],
    tests: LEDGER,
  },
  {
    name: 'a place in a case is given twice',
    file: 'server/src/ledger/ledger.ts',
    changes: [['caseSeq: (book.state?.caseSeq ?? 0) + 1,', 'caseSeq: book.state?.caseSeq ?? 1,']],
    tests: LEDGER,
  },
  {
    name: 'a number of a case is given twice',
    file: 'server/src/ledger/ledger.ts',
    changes: [['(await log.lastNumber(home, year))) + 1;', '(await log.lastNumber(home, year))) + 0 || 1;']],
    tests: LEDGER,
  },
  {
    name: 'an entry is confirmed before it is stored',
    file: 'server/src/ledger/ledger.ts',
    changes: [
      [
        'await log.append({ rows,',
        'group.forEach(({ done }, i) => done(answers[i] ?? []));\n      await log.append({ rows,',
      ],
    ],
    tests: LEDGER,
  },
  {
    name: 'a fork of a device is accepted',
    file: 'packages/model/src/chain.ts',
    changes: [["return prev === head?.id ? 'next' : 'fork';", "return prev === head?.id ? 'next' : 'next';"]],
    tests: [...MODEL, ...LEDGER],
  },
  {
    name: 'another entry in the place of a stored one passes for it',
    file: 'packages/model/src/chain.ts',
    changes: [["=== entry.id ? 'known' : 'fork'", "=== entry.id ? 'known' : 'known'"]],
    tests: MODEL,
  },
  {
    name: 'the id of an entry need not be its hash',
    file: 'packages/model/src/seal.ts',
    changes: [['if (id !== sealed.id) return', 'if (id === sealed.text) return']],
    tests: MODEL,
  },
  {
    name: 'the words of an act can be exchanged',
    file: 'packages/model/src/seal.ts',
    changes: [
      [
        '(await hashHex(PAYLOAD_DOMAIN, bytes, digest)) !== entry.payload.hash',
        '(await hashHex(PAYLOAD_DOMAIN, bytes, digest)) === ""',
      ],
    ],
    tests: MODEL,
  },
  {
    name: 'text that is not canonical is accepted',
    file: 'packages/model/src/canonical.ts',
    changes: [['return again.value === text ? accept(value)', 'return again.value !== "" ? accept(value)']],
    tests: MODEL,
  },
  {
    name: 'confirmed entries count in the order in which they arrived',
    file: 'packages/model/src/reduce.ts',
    changes: [['confirmed.sort((a, b) => a.caseSeq - b.caseSeq);', '']],
    tests: MODEL,
  },
  {
    name: 'provisional entries count in the order in which they arrived',
    file: 'packages/model/src/reduce.ts',
    changes: [['round.sort(byDeviceTimeThenId);', '']],
    tests: MODEL,
  },
  {
    name: 'setting a field deletes values its author has not seen',
    file: 'packages/sync/src/docs/fields.ts',
    changes: [['if (wasSeen) root.delete(i, 1);', 'if (wasSeen || !wasSeen) root.delete(i, 1);']],
    tests: ['packages/sync/src/docs/fields'],
  },
  {
    name: 'an acknowledgement counts for every frame that is under way',
    file: 'packages/sync/src/docs/ack-ledger.ts',
    changes: [
      [
        'for (const id of frames.get(number) ?? []) done.add(id);',
        'for (const id of [...frames.values()].flat()) done.add(id);',
      ],
    ],
    tests: ['packages/sync/src/docs'],
  },
  {
    name: 'a change is written without its outbox item',
    file: 'packages/sync/src/docs/doc-binding.ts',
    changes: [
      [
        'gathered.push({ update, outbox: { msgId, clientId: doc.clientID, atMs: clock.nowMs() } });',
        'gathered.push({ update });',
      ],
    ],
    tests: ['packages/sync/src/docs/shared-doc'],
  },
  {
    name: 'the same client id is used each time a document is opened',
    file: 'packages/sync/src/docs/client-id.ts',
    changes: [['return id === 0 ? MAX_CLIENT_ID : id;', 'return id === 0 ? MAX_CLIENT_ID : 7;']],
    tests: ['packages/sync/src/docs'],
  },
  {
    name: 'a change of the line is stored as one of this device',
    file: 'packages/sync/src/docs/doc-binding.ts',
    changes: [['if (options.isLink(origin)) {', 'if (options.isLink(undefined)) {']],
    tests: ['packages/sync/src/docs/shared-doc'],
  },
  {
    name: 'a silence of three seconds is worth a word',
    file: 'packages/sync/src/link/link-state.ts',
    changes: [['RECONNECTING_AFTER_MS = 5_000', 'RECONNECTING_AFTER_MS = 2_500']],
    tests: ['packages/sync/src/link'],
  },
  {
    name: 'the browser stores a change and forgets its outbox item',
    file: 'web/src/lib/store/doc-store.ts',
    changes: [
      [
        'outbox: batch.flatMap(({ outbox, update }) =>\n          outbox ?',
        'outbox: batch.flatMap(({ outbox, update }) =>\n          outbox === null ?',
      ],
    ],
    tests: STORES,
  },
  {
    name: 'an account sees what waits for another',
    file: 'web/src/lib/store/doc-store.ts',
    changes: [["db.outbox.where('account').equals(account).sortBy('key')", "db.outbox.toCollection().sortBy('key')"]],
    tests: STORES,
  },
  {
    name: 'an account sees the cases of another',
    file: 'web/src/lib/store/ledger-store.ts',
    changes: [
      ['.between([account, Dexie.minKey], [account, Dexie.maxKey])', '.between([Dexie.minKey], [Dexie.maxKey])'],
    ],
    tests: STORES,
  },
  {
    name: 'an entry stops waiting before it is confirmed',
    file: 'web/src/lib/store/ledger-store.ts',
    changes: [['if (item.receipt) await outgoingNamed(id).delete();', 'await outgoingNamed(id).delete();']],
    tests: STORES,
  },
  {
    name: 'a receipt that is known is forgotten',
    file: 'web/src/lib/store/ledger-store.ts',
    changes: [['const receipt = known?.receipt ?? item.receipt;', 'const receipt = item.receipt;']],
    tests: STORES,
  },
  {
    name: 'compaction in the browser drops the oldest row',
    file: 'web/src/lib/store/doc-store.ts',
    changes: [
      [
        'for (const row of rows) for (const update of row.updates)',
        'for (const row of rows.slice(1)) for (const update of row.updates)',
      ],
    ],
    tests: STORES,
  },
  {
    name: 'compaction in the browser deletes what waits',
    file: 'web/src/lib/store/doc-store.ts',
    changes: [
      [
        'await db.write([db.docRows], async () => {\n    const rows',
        "await db.write([db.docRows, db.outbox], async () => {\n    await db.outbox.where('[account+docId]').equals([account, docId]).delete();\n    const rows",
      ],
    ],
    tests: STORES,
  },
];
