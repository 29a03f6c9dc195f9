import { describe, expect, it } from 'vitest';
import { grantFields, hasWrite, readGrant } from '../../../core/model/grants.ts';

const group = 'http://acs.amazonaws.com/groups/global/AllUsers';

describe('grants', () => {
  it('are read by permission and kind of grantee, whatever characters its name has', () => {
    expect(readGrant('READ:id=abc')).toEqual({ permission: 'READ', kind: 'id', grantee: 'abc' });
    expect(readGrant(`READ_ACP:uri=${group}?a=b:c`)).toEqual({
      permission: 'READ_ACP',
      kind: 'uri',
      grantee: `${group}?a=b:c`,
    });
  });

  it('become one header for each permission', () => {
    const texts = ['READ:id=a', `READ:uri=${group}`, 'WRITE:id=b', 'READ_ACP:id=c', 'WRITE_ACP:id=d'];
    expect(grantFields([...texts, 'FULL_CONTROL:id=e'].map(readGrant))).toEqual({
      GrantRead: `id="a", uri="${group}"`,
      GrantWrite: 'id="b"',
      GrantReadACP: 'id="c"',
      GrantWriteACP: 'id="d"',
      GrantFullControl: 'id="e"',
    });
  });

  it('need a request of their own for WRITE, which no copy has a header for', () => {
    expect(hasWrite([readGrant('READ:id=a'), readGrant('WRITE:id=b')])).toBe(true);
    expect(hasWrite([readGrant('WRITE_ACP:id=a')])).toBe(false);
  });
});
