// jsforce, unmodified, drives the emulator through a day's work. Run by test_jsforce.py with node --test;
// EMULATOR_URL says where it listens. The steps build on each other, so one that fails fails the rest.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import jsforce from 'jsforce';

const url = process.env.EMULATOR_URL;
const USERNAME = 'integration@demo.example';
const STAMP = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000\+0000$/;
const VERSION = '62.0';
const PEOPLE = 2500;

const control = async (path, body, method = 'POST') => {
  const reply = await fetch(`${url}/emulator/${path}`, {
    method, body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' },
  });
  assert.equal(reply.status, 200, await reply.clone().text());
  return reply.json();
};
const step = (name, run) => test(name, { timeout: 60_000 }, run);
const refusal = async (promise) => {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  return assert.fail('it should have been refused');
};

/** @type {jsforce.Connection} */
let conn;
let lead;
let account;
const started = new Date(Date.now() - 10 * 60_000);

before(async () => control('reset', { seed: String(PEOPLE) }));

step('a wrong password is refused with Salesforce\'s code', async () => {
  const stranger = new jsforce.Connection({ loginUrl: url, version: VERSION });
  const error = await refusal(stranger.login(USERNAME, 'wrong'));
  assert.match(error.message, /INVALID_LOGIN/);
});

step('SOAP login', async () => {
  conn = new jsforce.Connection({ loginUrl: url, instanceUrl: url, version: VERSION });
  const user = await conn.login(USERNAME, 'demodemo');
  assert.match(user.id, /^005\w{15}$/);
  assert.match(user.organizationId, /^00D\w{15}$/);
  assert.match(conn.accessToken, /^00D\w+!/);
  assert.equal(conn.instanceUrl, url);
});

step('OAuth with user name and password', async () => {
  const oauth2 = { loginUrl: url, clientId: 'demo', clientSecret: 'demo' };
  const other = new jsforce.Connection({ oauth2, version: VERSION });
  const user = await other.login(USERNAME, 'demodemo');
  assert.equal(user.id, conn.userInfo.id);
  await other.logout();
});

step('OAuth with client credentials', async () => {
  const oauth2 = new jsforce.OAuth2({ loginUrl: url, clientId: 'demo', clientSecret: 'demo' });
  const other = new jsforce.Connection({ oauth2, version: VERSION });
  await other.authorize({ grant_type: 'client_credentials' });
  assert.equal((await other.identity()).username, USERNAME);
});

step('an access token from elsewhere', async () => {
  const other = new jsforce.Connection({ instanceUrl: url, accessToken: conn.accessToken, version: VERSION });
  assert.equal((await other.query('SELECT COUNT() FROM Lead')).totalSize, PEOPLE);
});

step('identity', async () => {
  const identity = await conn.identity();
  assert.equal(identity.user_id, conn.userInfo.id);
  assert.equal(identity.username, USERNAME);
  assert.equal(identity.email, identity.email.toLowerCase());
  assert.ok(identity.urls.rest.endsWith('/services/data/v{version}/'));
});

step('versions of the API', async () => {
  const versions = await conn.request('/services/data');
  assert.ok(versions.some((v) => v.version === VERSION && v.url === `/services/data/v${VERSION}`));
});

step('limits', async () => {
  const limits = await conn.limits();
  assert.ok(limits.DailyApiRequests.Remaining < limits.DailyApiRequests.Max);
  assert.equal(conn.limitInfo.apiUsage.limit, limits.DailyApiRequests.Max);
});

step('describeGlobal', async () => {
  const { sobjects, maxBatchSize } = await conn.describeGlobal();
  assert.equal(maxBatchSize, 200);
  const names = sobjects.map((s) => s.name);
  for (const name of ['Account', 'Campaign', 'CampaignMember', 'Contact', 'Lead', 'Opportunity', 'Task', 'User']) {
    assert.ok(names.includes(name), name);
  }
});

step('describe', async () => {
  const { fields, keyPrefix } = await conn.sobject('Lead').describe();
  assert.equal(keyPrefix, '00Q');
  const owner = fields.find((f) => f.name === 'OwnerId');
  assert.deepEqual(owner.referenceTo, ['Group', 'User']);
  assert.equal(owner.polymorphicForeignKey, true);
});

step('query', async () => {
  const { totalSize, done, records } = await conn.query('SELECT Id, Name, Owner.Name FROM Lead LIMIT 3');
  assert.deepEqual([totalSize, done, records.length], [3, true, 3]);
  assert.ok(records[0].Owner.Name);
});

step('queryMore', async () => {
  const first = await conn.query('SELECT Id FROM Lead ORDER BY Id');
  assert.deepEqual([first.totalSize, first.done, first.records.length], [PEOPLE, false, 2000]);
  const rest = await conn.queryMore(first.nextRecordsUrl);
  assert.deepEqual([rest.done, rest.records.length], [true, PEOPLE - 2000]);
});

step('query with autoFetch over pages', async () => {
  const records = await conn.query('SELECT Id FROM Lead', { autoFetch: true, maxFetch: 10_000, responseTarget: 'Records' });
  assert.equal(new Set(records.map((r) => r.Id)).size, PEOPLE);
});

step('query as a stream of events', async () => {
  const seen = new Set();
  await new Promise((resolve, reject) => {
    conn.query('SELECT Id FROM Lead')
      .on('record', (record) => seen.add(record.Id))
      .on('end', resolve)
      .on('error', reject)
      .run({ autoFetch: true, maxFetch: 10_000 });
  });
  assert.equal(seen.size, PEOPLE);
});

step('a query that is wrong is refused with row and column', async () => {
  const error = await refusal(conn.query('SELECT Id, Nonsense FROM Lead'));
  assert.equal(error.errorCode, 'INVALID_FIELD');
  assert.match(error.message, /ERROR at Row:1:Column:12/);
});

step('create', async () => {
  const made = await conn.sobject('Lead').create({
    LastName: ' Okafor ', FirstName: 'Ada', Company: 'Acme', Email: 'Ada.OKAFOR@Acme.Example', City: '',
  });
  assert.deepEqual([made.success, made.errors], [true, []]);
  lead = made.id;
  assert.match(lead, /^00Q\w{15}$/);
});

step('retrieve: trimmed, e-mail in lower case, empty is null, whole seconds', async () => {
  const record = await conn.sobject('Lead').retrieve(lead);
  assert.equal(record.attributes.type, 'Lead');
  assert.deepEqual([record.LastName, record.Email, record.City], ['Okafor', 'ada.okafor@acme.example', null]);
  assert.match(record.SystemModstamp, STAMP);
});

step('update', async () => {
  assert.equal((await conn.sobject('Lead').update({ Id: lead, Title: 'Head of Data' })).success, true);
  assert.equal((await conn.sobject('Lead').retrieve(lead)).Title, 'Head of Data');
});

step('a required field that is missing is refused with its name', async () => {
  const error = await refusal(conn.sobject('Lead').create({ Company: 'Acme' }));
  assert.equal(error.errorCode, 'REQUIRED_FIELD_MISSING');
  assert.deepEqual(error.data.fields, ['LastName']);
});

step('upsert by an external id creates, then updates', async () => {
  const leads = conn.sobject('Lead');
  const record = { External_Key__c: 'key 1/ä', LastName: 'Lind', Company: 'Nord' };
  const made = await leads.upsert(record, 'External_Key__c');
  assert.equal(made.created, true);
  const again = await leads.upsert({ ...record, Title: 'CTO' }, 'External_Key__c');
  assert.deepEqual([again.id, again.created, again.success], [made.id, false, true]);
});

step('a validation rule refuses with its message, at its field', async () => {
  await control('rules', { validation: {
    name: 'No_Interns', object: 'Lead', formula: 'CONTAINS(Title, "Intern")', message: 'No interns.', field: 'Title',
  } });
  const error = await refusal(conn.sobject('Lead').update({ Id: lead, Title: 'Intern' }));
  assert.equal(error.errorCode, 'FIELD_CUSTOM_VALIDATION_EXCEPTION');
  assert.deepEqual([error.message, error.data.fields], ['No interns.', ['Title']]);
});

let some;
step('collections: insert, one of them refused', async () => {
  const records = [{ LastName: 'A', Company: 'X' }, { Company: 'X' }, { LastName: 'C', Company: 'X' }];
  const done = await conn.sobject('Lead').create(records);
  assert.deepEqual(done.map((d) => d.success), [true, false, true]);
  assert.equal(done[1].errors[0].statusCode ?? done[1].errors[0].errorCode, 'REQUIRED_FIELD_MISSING');
  some = [done[0].id, done[2].id];
});

step('collections: more than 200 in several calls', async () => {
  const records = Array.from({ length: 250 }, (_, n) => ({ LastName: `Many ${n}`, Company: 'X' }));
  const done = await conn.sobject('Lead').create(records, { allowRecursive: true });
  assert.equal(done.filter((d) => d.success).length, 250);
});

step('collections: update', async () => {
  const done = await conn.sobject('Lead').update(some.map((Id) => ({ Id, Rating: 'Hot' })));
  assert.deepEqual(done.map((d) => [d.id, d.success]), some.map((id) => [id, true]));
});

step('collections: upsert', async () => {
  const records = ['k1', 'k2'].map((key) => ({ External_Key__c: key, LastName: key, Company: 'X' }));
  const made = await conn.sobject('Lead').upsert(records, 'External_Key__c');
  assert.deepEqual(made.map((d) => d.created), [true, true]);
  const again = await conn.sobject('Lead').upsert(records, 'External_Key__c');
  assert.deepEqual(again.map((d) => [d.id, d.created]), made.map((d) => [d.id, false]));
});

step('collections: retrieve', async () => {
  const records = await conn.sobject('Lead').retrieve(some, { fields: ['Id', 'Rating'] });
  assert.deepEqual(records.map((r) => [r.Id, r.Rating]), some.map((id) => [id, 'Hot']));
});

step('collections: all or none', async () => {
  const before = (await conn.query('SELECT COUNT() FROM Lead')).totalSize;
  const done = await conn.sobject('Lead').create(
    [{ LastName: 'Good', Company: 'X' }, { Company: 'Bad' }], { allOrNone: true },
  );
  assert.deepEqual(done.map((d) => d.success), [false, false]);
  assert.equal((await conn.query('SELECT COUNT() FROM Lead')).totalSize, before);
});

step('collections: delete', async () => {
  const done = await conn.sobject('Lead').destroy(some);
  assert.deepEqual(done.map((d) => d.success), [true, true]);
});

step('find: conditions as an object', async () => {
  const found = await conn.sobject('Lead').find({ Email: 'ada.okafor@acme.example' }, ['Id', 'Title']).limit(5);
  assert.deepEqual(found.map((r) => r.Id), [lead]);
  assert.equal(await conn.sobject('Lead').count({ Email: { $like: '%acme.example' } }), 1);
});

step('accounts and contacts, and a query of the children', async () => {
  account = (await conn.sobject('Account').create({ Name: 'Nord AS' })).id;
  await conn.sobject('Contact').create([
    { LastName: 'Berg', AccountId: account, Email: 'berg@nord.example' }, { LastName: 'Dahl', AccountId: account },
  ]);
  const { records } = await conn.query(
    `SELECT Id, Name, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account WHERE Id = '${account}'`,
  );
  assert.deepEqual(records[0].Contacts.records.map((r) => r.LastName), ['Berg', 'Dahl']);
});

step('search by e-mail', async () => {
  const { searchRecords } = await conn.search(
    'FIND {ada.okafor@acme.example} IN EMAIL FIELDS RETURNING Lead(Id, Email), Contact(Id, Email)',
  );
  assert.deepEqual(searchRecords.map((r) => [r.attributes.type, r.Id]), [['Lead', lead]]);
});

step('updated and deleted', async () => {
  await control('clock', { advance_seconds: 60 });
  const soon = new Date(Date.now() + 2 * 60_000);
  const updated = await conn.sobject('Lead').updated(started, soon);
  assert.ok(updated.ids.includes(lead));
  assert.match(updated.latestDateCovered, STAMP);
  const deleted = await conn.sobject('Lead').deleted(started, soon);
  assert.deepEqual(new Set(deleted.deletedRecords.map((r) => r.id)), new Set(some));
});

step('SOAP convertLead', async () => {
  const done = await conn.soap.convertLead({
    leadId: lead, convertedStatus: 'Closed - Converted', doNotCreateOpportunity: true,
  });
  assert.equal(done.success, true);
  assert.match(done.contactId, /^003/);
  assert.match(done.accountId, /^001/);
  assert.equal(done.opportunityId ?? null, null);
  const read = await conn.sobject('Lead').retrieve(lead);
  assert.deepEqual([read.IsConverted, read.ConvertedContactId], [true, done.contactId]);
});

step('a converted lead is refused', async () => {
  const error = await refusal(conn.sobject('Lead').update({ Id: lead, Title: 'x' }));
  assert.equal(error.errorCode, 'CANNOT_UPDATE_CONVERTED_LEAD');
});

step('SOAP undelete and server time', async () => {
  const { id } = await conn.sobject('Contact').create({ LastName: 'Moe', AccountId: account });
  await conn.sobject('Contact').destroy(id);
  const [done] = await conn.soap.undelete([id]);
  assert.deepEqual([done.id, done.success], [id, true]);
  assert.equal((await conn.sobject('Contact').retrieve(id)).IsDeleted, false);
  assert.ok((await conn.soap.getServerTimestamp()).timestamp);
});

step('Bulk API 2.0: ingest', async () => {
  const input = Array.from({ length: 300 }, (_, n) => ({ LastName: n % 100 ? `Bulk ${n}` : '', Company: 'Bulk' }));
  const { successfulResults, failedResults, unprocessedRecords } = await conn.bulk2.loadAndWaitForResults({
    object: 'Lead', operation: 'insert', input, pollInterval: 100, pollTimeout: 30_000,
  });
  assert.deepEqual([successfulResults.length, failedResults.length, unprocessedRecords.length], [297, 3, 0]);
  assert.match(failedResults[0].sf__Error, /^REQUIRED_FIELD_MISSING:Required fields are missing: \[LastName\]/);
});

step('Bulk API 2.0: query', async () => {
  const stream = await conn.bulk2.query("SELECT Id, LastName, Company FROM Lead WHERE Company = 'Bulk'", {
    pollInterval: 100, pollTimeout: 30_000,
  });
  const rows = await stream.toArray();
  assert.equal(rows.length, 297);
  assert.match(rows[0].Id, /^00Q/);
});

step('delete, and what is in the recycle bin', async () => {
  assert.equal((await conn.sobject('Lead').destroy(lead)).success, true);
  const error = await refusal(conn.sobject('Lead').retrieve(lead));
  assert.equal(error.errorCode, 'NOT_FOUND');
  const { records } = await conn.query(`SELECT IsDeleted FROM Lead WHERE Id = '${lead}'`, { scanAll: true });
  assert.deepEqual(records.map((r) => r.IsDeleted), [true]);
});

step('composite', async () => {
  const { compositeResponse } = await conn.request({
    method: 'POST', url: `/services/data/v${VERSION}/composite`, headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ compositeRequest: [
      { method: 'POST', url: `/services/data/v${VERSION}/sobjects/Account`, referenceId: 'a', body: { Name: 'Z' } },
      { method: 'GET', url: `/services/data/v${VERSION}/sobjects/Account/@{a.id}`, referenceId: 'b' },
    ] }),
  });
  assert.deepEqual(compositeResponse.map((r) => r.httpStatusCode), [201, 200]);
});

step('a session that has ended is refused with its code, and one that can logs in again by itself', async () => {
  const other = new jsforce.Connection({ instanceUrl: url, accessToken: conn.accessToken, version: VERSION });
  await control('session/expire', {});
  assert.equal((await refusal(other.query('SELECT Id FROM Lead LIMIT 1'))).errorCode, 'INVALID_SESSION_ID');
  assert.equal((await conn.query('SELECT Id FROM Lead LIMIT 1')).records.length, 1);
});

step('logging out ends the session', async () => {
  const token = conn.accessToken;
  await conn.logout();
  const stale = new jsforce.Connection({ instanceUrl: url, accessToken: token, version: VERSION });
  assert.equal((await refusal(stale.query('SELECT Id FROM Lead LIMIT 1'))).errorCode, 'INVALID_SESSION_ID');
});
