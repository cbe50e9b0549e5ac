using Migrator.Core.Mail;
using Migrator.Core.Migrations;
using Migrator.Mail.Pop3;
using Migrator.Tests.Servers;
using Xunit;
using static Migrator.Tests.Mail.Pop3Nights;

namespace Migrator.Tests.Mail;

/// <summary>UID maps of versions that kept no sizes: unique ids alone.</summary>
public sealed class Pop3EarlierUidMapTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(null)]
    [InlineData(400L)]
    public async Task Messages_keep_their_UIDs_whether_the_server_tells_their_sizes_or_estimates(long? size)
    {
        await using var server = new ScriptedPop3([.. Letters(1, 3).Select(mail => mail with { Size = size })]);
        var uidMap = new EarlierUidMap(Letter(1), Letter(2), Letter(3));

        Assert.Equal([1u, 2u, 3u], await ListAsync(server, uidMap));
        Assert.Equal(size is null, server.Count("RETR") == 0);
        server.ForgetCommands();
        Assert.Equal([1u, 2u, 3u], await ListAsync(server, uidMap));
        Assert.Equal(0, server.Count("RETR"));
    }

    [Fact]
    public async Task Other_mail_under_a_known_id_is_a_new_message()
    {
        await using var server = new ScriptedPop3(Letters(1, 3));
        server.Mail = [server.Mail[0], new ScriptedMail("id-2", Letter(222)), server.Mail[2]];

        var uids = await ListAsync(server, new EarlierUidMap(Letter(1), Letter(2), Letter(3)));

        Assert.Equal([1u, 3u], uids.Take(2));
        Assert.True(Assert.Single(uids.Skip(2)) > 3);
    }

    private static async Task<IReadOnlyList<Uid>> ListAsync(ScriptedPop3 server, IUidMap uidMap)
    {
        await using var session = await new Pop3Connector(
            Address(server),
            DovecotServer.Password,
            uidMap,
            TimeProvider.System
        ).OpenSourceAsync(Stop);
        await session.OpenAsync(FolderPath.Inbox, Stop);
        return await session.ListUidsAsync(1, Stop);
    }

    private sealed class EarlierUidMap(params string[] messages) : IUidMap
    {
        private readonly List<UidMapEntry> _entries =
        [
            .. messages.Select((_, index) => new UidMapEntry($"uidl:id-{index + 1}", (uint)index + 1, DateTimeOffset.UnixEpoch)),
        ];

        public Task<IReadOnlyList<UidMapEntry>> ReadAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyList<UidMapEntry>>([.. _entries]);

        public Task AddAsync(IReadOnlyList<UidMapEntry> entries, CancellationToken cancellationToken)
        {
            _entries.AddRange(entries);
            return Task.CompletedTask;
        }

        public Task<IReadOnlyDictionary<Uid, KnownContent>> ContentsAsync(CancellationToken cancellationToken) =>
            Task.FromResult<IReadOnlyDictionary<Uid, KnownContent>>(
                messages
                    .Index()
                    .ToDictionary(
                        message => new Uid((uint)message.Index + 1),
                        message => new KnownContent(ContentId.Of(System.Text.Encoding.Latin1.GetBytes(message.Item)), message.Item.Length)
                    )
            );
    }
}
