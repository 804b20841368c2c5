import { Department, Jurisdiction, Level, Role, Wording } from '@lianban/model';
import * as z from 'zod';
import type { App } from '../app.ts';
import type { Deps } from '../deps.ts';
import { problems, sendNotFound } from '../plugins/errors.ts';

const DemoBody = z.object({
  password: z.string(),
  accounts: z.array(
    z.object({
      account: z.string(),
      name: Wording,
      department: z.object({ id: Department.shape.id, name: Wording }),
      jurisdiction: z.object({ code: Jurisdiction.shape.code, name: Wording }),
      level: Level,
      roles: z.array(Role),
    }),
  ),
});

/** `GET /api/demo`: who may be tried, on a demo relay; elsewhere the address is not there. */
export function demoRoutes(app: App, deps: Pick<Deps, 'demoPassword' | 'org'>): void {
  app.get(
    '/api/demo',
    { schema: { summary: 'Accounts of a demo', response: { 200: DemoBody, ...problems } } },
    async (_request, reply) => {
      if (deps.demoPassword === null) return sendNotFound(reply);
      return { password: deps.demoPassword, accounts: demoAccounts(deps.org) };
    },
  );
}

/** Everybody of the directory with their first department; who has no post is left out. */
export function demoAccounts({ directory, ...org }: Deps['org']): z.infer<typeof DemoBody>['accounts'] {
  return directory.people.flatMap(({ id, account, name }) => {
    const { posts } = org.subject(id);
    const department = posts[0] && org.department(posts[0].department);
    const place = directory.jurisdictions.find(({ code }) => code === department?.jurisdiction);
    if (department === undefined || place === undefined) return [];
    return [
      {
        account,
        name,
        department: { id: department.id, name: department.name },
        jurisdiction: { code: place.code, name: place.name },
        level: place.level,
        roles: [...new Set(posts.map(({ role }) => role))],
      },
    ];
  });
}
