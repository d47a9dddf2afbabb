import { grade, wrong, type Random } from 'ring3/grade';
import { z } from 'zod';
import type { Condition, Operator, Policy, Rule } from './exercise.ts';
import {
  around,
  call,
  drawCondition,
  drawErrnos,
  drawNumbers,
  drawPlain,
  drawSingle,
  drawValue,
  edges,
  type Width,
} from './grading/draw.ts';
import { drawHarmless, holdAgainstKernel } from './grading/kernel.ts';
import { compiled, executed, holdAgainst } from './grading/judge.ts';
import { drawForLibseccomp, throughLibseccomp } from './grading/libseccomp.ts';
import { OTHER_ARCHITECTURES, X32_BIT, type TestCall } from './grading/oracle.ts';
import { bytesOf, drawInstructions, drawUnfit } from './grading/assembly.ts';

const bytes = z.instanceof(Uint8Array);

/** A call of the rule, and one with a number beside it. */
function plainCalls(policy: Policy): TestCall[] {
  return policy.rules.flatMap(({ syscall }) => [call(policy, syscall), call(policy, syscall + 1)]);
}

/** Calls about the edges of every condition of the policy's rules. */
function edgeCalls(random: Random, policy: Policy): TestCall[] {
  return policy.rules.flatMap(({ syscall, when }) =>
    when
      .flat()
      .flatMap((condition) =>
        edges(random, condition).map((value) => around(random, policy, syscall, condition, value)),
      ),
  );
}

/** A call that fulfils all conditions, which compare for equality. */
function fulfilling(policy: Policy, nr: number, conditions: readonly Condition[]): TestCall {
  const args = Array.from({ length: 6 }, () => 0n);
  for (const { argument, value } of conditions) args[argument] = value;
  return call(policy, nr, args);
}

function drawAll(random: Random, count: number): Condition[] {
  const args = random.shuffle([0, 1, 2, 3, 4, 5]).slice(0, count);
  return args.map((argument) => ({ ...drawCondition(random, '==', 64), argument }));
}

grade(import.meta.url, (lab) => {
  lab.task('assemble', async ({ student, random }) => {
    const program = drawInstructions(random);
    const seen = await student.call('assemble', [program], { returns: bytes });
    const expected = bytesOf(program);
    if (Buffer.compare(seen, expected) === 0) return;
    const at = expected.findIndex((byte, index) => byte !== seen[index]);
    const one = (from: Uint8Array) =>
      Buffer.from(from.subarray(at - (at % 8), at - (at % 8) + 8)).toString('hex');
    wrong({
      expected: `${expected.length} bytes, instruction ${at >> 3} (${JSON.stringify(program[at >> 3])}) being ${one(expected)}`,
      seen: `${seen.length} bytes, there ${one(seen) || 'nothing'}`,
      read: 'README.md#the-machine',
    });
  });

  lab.task('assemble-range', async ({ student, random }) => {
    await student.call('assemble', [drawInstructions(random)], { returns: bytes });
    for (const { field, program } of drawUnfit(random)) {
      const attempt = await student.attempt('assemble', [program]);
      if (!attempt.ok && attempt.name === 'RangeError') continue;
      wrong({
        expected: `a RangeError for ${field}`,
        seen: attempt.ok ? 'bytes, with another number in them' : `${attempt.name}: ${attempt.message}`,
        read: 'README.md#the-machine',
      });
    }
  });

  lab.task('actions', async ({ student, random }) => {
    const shapes = [
      [0, 'errno'],
      [1, 'kill-process'],
      [12, 'trap'],
      [40, 'allow'],
    ] as const;
    for (const [count, kind] of shapes) {
      const policy = drawPlain(random, count, kind);
      const program = await compiled(student, policy);
      holdAgainst(policy, program, [...plainCalls(policy), call(policy, 461)], 'what-a-program-answers');
    }
  });

  lab.task('arch-check', async ({ student, random }) => {
    for (const architecture of ['x86-64', 'arm64'] as const) {
      const policy: Policy = { ...drawPlain(random, 8), architecture, otherwise: { do: 'allow' } };
      const program = await compiled(student, policy);
      const other = architecture === 'arm64' ? 0xc000_003e : 0xc000_00b7;
      const foreign = [...OTHER_ARCHITECTURES, other].flatMap((arch) =>
        plainCalls(policy).map((one) => ({ ...one, arch })),
      );
      holdAgainst(policy, program, foreign, 'whose-call-is-it');
    }
  });

  lab.task('x32', async ({ student, random }) => {
    const policy: Policy = { ...drawPlain(random, 10), architecture: 'x86-64', otherwise: { do: 'allow' } };
    const program = await compiled(student, policy);
    const through = plainCalls(policy).map((one) => ({ ...one, nr: one.nr + X32_BIT }));
    const odd = [X32_BIT, X32_BIT + 512, X32_BIT + 547, 0x7fff_ffff].map((nr) => call(policy, nr));
    holdAgainst(policy, program, [...through, ...odd], 'whose-call-is-it');
  });

  function conditions(id: string, operators: Operator[], width: Width, read: string): void {
    lab.task(id, async ({ student, random }) => {
      for (const op of operators) {
        const policy = drawSingle(random, [[drawCondition(random, op, width)]]);
        holdAgainst(policy, await compiled(student, policy), edgeCalls(random, policy), read);
      }
    });
  }
  conditions('halves', ['==', '!=', '==', '!='], 64, '64-bits-are-two-words');
  conditions('order', ['<', '<=', '>', '>=', '<', '>'], 64, '64-bits-are-two-words');
  conditions('masked', ['masked', 'masked', 'masked'], 64, '64-bits-are-two-words');
  conditions('int-width', ['==', '!=', '<', '<=', '>', '>=', 'masked'], 32, 'arguments-that-are-ints');

  lab.task('conjunction', async ({ student, random }) => {
    for (const shape of [[2], [6], [1, 1], [3, 2, 4]]) {
      const when = shape.map((count) => drawAll(random, count));
      const policy = drawSingle(random, when);
      const nr = policy.rules[0]!.syscall;
      const calls = when.flatMap((all) => {
        const whole = fulfilling(policy, nr, all);
        const lacking = all.map(({ argument, value }) => ({
          ...whole,
          args: whole.args.map((other, at) => (at === argument ? value ^ 1n : other)),
        }));
        return [whole, ...lacking];
      });
      holdAgainst(policy, await compiled(student, policy), [...calls, call(policy, nr)], 'rules');
    }
  });

  lab.task('first-match', async ({ student, random }) => {
    for (let round = 0; round < 4; round++) {
      const policy = drawLayered(random);
      const calls = [
        ...edgeCalls(random, policy),
        ...argumentsThatAreNumbers(random, policy),
        ...plainCalls(policy),
      ];
      holdAgainst(policy, await compiled(student, policy), calls, 'rules');
    }
  });

  lab.task('far', async ({ student, random }) => {
    for (const count of [70, 140]) {
      const policy = drawSingle(
        random,
        Array.from({ length: count }, () => drawAll(random, 1)),
      );
      const [rule] = policy.rules as [Rule];
      const [after] = drawNumbers(random, 1, 400).filter((nr) => nr !== rule.syscall);
      policy.rules.push({
        syscall: after ?? 401,
        action: { do: 'trap' },
        when: [],
      });
      const calls = rule.when.map((all) => fulfilling(policy, rule.syscall, all));
      // Whoever lands in the middle of the alternatives must find one there that holds.
      const others = [policy.rules[1]!.syscall, 462].map((nr) => fulfilling(policy, nr, rule.when.at(-1)!));
      holdAgainst(policy, await compiled(student, policy), [...calls, ...others], 'jumps');
    }
    const policy = drawPlain(random, 400);
    holdAgainst(policy, await compiled(student, policy), plainCalls(policy), 'jumps');
  });

  lab.task('kernel', async ({ student, random }) => {
    const { policy, calls } = drawHarmless(random);
    const program = await compiled(student, policy);
    holdAgainstKernel(policy, await student.call('assemble', [program], { returns: bytes }), calls);
  });

  lab.task('libseccomp', async ({ student, random }) => {
    for (let round = 0; round < 3; round++) {
      const policy = drawForLibseccomp(random);
      const program = await throughLibseccomp(student, policy);
      const foreign = { ...call(policy, policy.rules[0]!.syscall), arch: 0x4000_0003 };
      const calls = [...plainCalls(policy), ...edgeCalls(random, policy), call(policy, 440), foreign];
      holdAgainst(policy, program, calls, 'the-same-through-libseccomp');
    }
  });

  lab.task('tree', async ({ student, random }) => {
    const policy = drawPlain(random, 300);
    const shares = policy.rules.map(({ syscall }) => ({ syscall, share: 1 / 300 }));
    const program = await compiled(student, policy, shares);
    const calls = Array.from({ length: 470 }, (_, nr) => call(policy, nr));
    holdAgainst(policy, program, [...calls, { ...call(policy, 1), arch: 1 }], 'fewer-instructions');
    const [slowest] = calls.sort((a, b) => executed(program, b) - executed(program, a)) as [TestCall];
    const count = executed(program, slowest);
    if (count > 30) {
      wrong({
        expected: 'at most 30 instructions for every call',
        seen: `${count} for call ${slowest.nr}, of ${program.length} in all`,
        read: 'README.md#fewer-instructions',
      });
    }
  });

  lab.task('hot', async ({ student, random }) => {
    const policy = drawPlain(random, 300);
    const all = drawHot(random, policy);
    const program = await compiled(student, policy, all);
    holdAgainst(policy, program, plainCalls(policy), 'fewer-instructions');
    const mean = all.reduce(
      (sum, { syscall, share }) => sum + share * executed(program, call(policy, syscall)),
      0,
    );
    if (mean > 12) {
      wrong({
        expected: 'at most 12 instructions for a call, on average by the shares',
        seen: `${mean.toFixed(1)}; four calls are 98 % of all`,
        read: 'README.md#fewer-instructions',
      });
    }
  });
});

/** Several rules of one call, the last one for every call, and a rule of another call after them. */
function drawLayered(random: Random): Policy {
  const [first, second] = drawNumbers(random, 2) as [number, number];
  const exceptions = Array.from({ length: 3 }, (): Condition[][] => [[drawCondition(random, '==', 64)]]);
  // The same condition once more: only the order says which of the two decides.
  const layers = [...exceptions, exceptions[0]!, []];
  const actions = drawErrnos(random, layers.length + 1);
  const rules = layers.map((when, at): Rule => ({ syscall: first, action: actions[at]!, when }));
  rules.push({ syscall: second, action: actions.at(-1)!, when: [[drawCondition(random, '==', 64)]] });
  return { architecture: random.pick(['x86-64', 'arm64']), rules, otherwise: { do: 'allow' } };
}

/** Who compares an argument and then does not load the number again takes one for the other. */
function argumentsThatAreNumbers(random: Random, policy: Policy): TestCall[] {
  const numbers = policy.rules.map(({ syscall }) => BigInt(syscall));
  return numbers.flatMap((value) => {
    const args = Array.from({ length: 6 }, () => value | (drawValue(random, 32) << 32n));
    return policy.rules.map(({ syscall }) => call(policy, syscall, args));
  });
}

function drawHot(random: Random, policy: Policy): { syscall: number; share: number }[] {
  const hot = [0.5, 0.25, 0.15, 0.08];
  const rest = 0.02 / (policy.rules.length - hot.length);
  return random.shuffle(policy.rules.map(({ syscall }, at) => ({ syscall, share: hot[at] ?? rest })));
}
