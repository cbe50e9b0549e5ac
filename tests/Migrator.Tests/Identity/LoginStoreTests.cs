using System.Text;
using Migrator.Core.Failures;
using Migrator.Core.Identity;
using Migrator.Storage.Logins;
using Migrator.Storage.Postgres;
using Migrator.Tests.Servers;
using Npgsql;
using Xunit;

namespace Migrator.Tests.Identity;

/// <summary>Stored logins: of one machine in files, of several workers in PostgreSQL.</summary>
public sealed class LoginStoreTests(PostgresFixture postgres) : IDisposable
{
    private const string Secret = "refresh token that nobody may read";

    private static readonly LoginKey s_ann = new("https://login.example/token", "client", "ann"),
        s_bob = s_ann with { User = "bob" };

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("logins");

    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    public void Dispose() => _directory.Delete(recursive: true);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_stored_is_there_for_the_next_process(bool shared)
    {
        var open = await StoresAsync(shared);

        await SaveAsync(open("key"), s_bob, "another");
        await SaveAsync(open("key"), s_ann, Secret);
        var listed = await open("key").ListAsync(Stop);
        var read = await ReadAsync(open("key"), s_ann);
        await open("key").ChangeAsync(s_ann, _ => Task.FromResult<(byte[]?, int)>((null, 0)), Stop);
        var (removed, again) = (await open("key").RemoveAsync(s_ann, Stop), await open("key").RemoveAsync(s_ann, Stop));

        Assert.Equal([s_ann, s_bob], listed.Select(login => login.Key));
        Assert.Equal((Secret, true, false), (read, removed, again));
        Assert.Null(await ReadAsync(open("key"), s_ann));
        Assert.Equal(1, await open("key").RemoveAllAsync(Stop));
        Assert.Empty(await open("key").ListAsync(Stop));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task With_another_key_nothing_can_be_read_and_all_can_be_deleted(bool shared)
    {
        var open = await StoresAsync(shared);
        await SaveAsync(open("key"), s_ann, Secret);

        var wrong = await Assert.ThrowsAsync<MailException>(() => ReadAsync(open("other key"), s_ann));

        Assert.Equal(Reason.LoginKeyWrong, wrong.Reason);
        Assert.Equal(1, await open("other key").RemoveAllAsync(Stop));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Changes_of_one_login_come_one_after_the_other(bool shared)
    {
        var open = await StoresAsync(shared);

        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => CountAsync(open("key"))));

        Assert.Equal("10", await ReadAsync(open("key"), s_ann));

        async Task CountAsync(ILoginStore store) =>
            await store.ChangeAsync(
                s_ann,
                async content =>
                {
                    var count = content is null ? 0 : int.Parse(Encoding.ASCII.GetString(content));
                    await Task.Yield();
                    return (Encoding.ASCII.GetBytes($"{count + 1}"), true);
                },
                Stop
            );
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_change_that_fails_leaves_what_was_there(bool shared)
    {
        var open = await StoresAsync(shared);
        await SaveAsync(open("key"), s_ann, Secret);

        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() =>
            open("key").ChangeAsync<int>(s_ann, _ => throw new TimeZoneNotFoundException(), Stop)
        );

        Assert.Equal(Secret, await ReadAsync(open("key"), s_ann));
    }

    [Fact]
    public async Task Room_for_the_next_token_is_made_before_the_server_forgets_the_earlier_one()
    {
        var store = TestLogins.In(_directory);
        await SaveAsync(store, s_ann, Secret);
        var reserved = 0L;

        await store.ChangeAsync<int>(
            s_ann,
            _ =>
            {
                reserved = _directory.GetFiles("*.new", SearchOption.AllDirectories).Single().Length;
                return Task.FromResult<(byte[]?, int)>((Encoding.UTF8.GetBytes("another"), 0));
            },
            Stop
        );

        Assert.True(reserved > Secret.Length * 100, $"{reserved} bytes");
        Assert.Equal("another", await ReadAsync(store, s_ann));
        Assert.Empty(_directory.GetFiles("*.new", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task A_token_is_stored_also_where_the_connection_was_lost_while_it_was_requested()
    {
        var database = await (await postgres.StartedAsync()).CreateDatabaseAsync();
        var store = LoginStore.Create(() => new PostgresDatabase(database), "", () => "key"u8.ToArray(), TimeProvider.System);
        await SaveAsync(store, s_ann, Secret);
        await using var administrator = NpgsqlDataSource.Create(database);

        await store.ChangeAsync<int>(
            s_ann,
            async _ =>
            {
                await using var command = administrator.CreateCommand(
                    """
                    SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                    WHERE datname = current_database() AND pid <> pg_backend_pid()
                    """
                );
                Assert.InRange((long)(await command.ExecuteScalarAsync(Stop))!, 1, int.MaxValue);
                return (Encoding.UTF8.GetBytes("another"), 0);
            },
            Stop
        );

        Assert.Equal("another", await ReadAsync(store, s_ann));
    }

    [Fact]
    public async Task Files_are_the_users_alone_and_show_nothing()
    {
        var store = TestLogins.In(_directory);
        await SaveAsync(store, s_ann, Secret);

        foreach (var file in _directory.GetFiles("*", SearchOption.AllDirectories))
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode);
            var text = Encoding.Latin1.GetString(await File.ReadAllBytesAsync(file.FullName, Stop));
            Assert.All([Secret, "login.example", "client", "ann"], word => Assert.DoesNotContain(word, text));
        }
    }

    [Theory]
    [InlineData("swapped")]
    [InlineData("altered")]
    [InlineData("truncated")]
    [InlineData("empty")]
    public async Task A_file_that_is_not_the_stored_one_is_refused(string how)
    {
        var store = TestLogins.In(_directory);
        await SaveAsync(store, s_ann, Secret);
        var ann = Logins().Single();
        await SaveAsync(store, s_bob, "of bob");
        var bytes = await File.ReadAllBytesAsync(how == "swapped" ? Logins().Single(file => file != ann) : ann, Stop);
        if (how == "altered")
            bytes[^1] ^= 1;
        await File.WriteAllBytesAsync(
            ann,
            how switch
            {
                "truncated" => bytes[..^1],
                "empty" => [],
                _ => bytes,
            },
            Stop
        );

        var refused = await Assert.ThrowsAsync<MailException>(() => ReadAsync(store, s_ann));

        Assert.Equal(Reason.LoginKeyWrong, refused.Reason);
        Assert.Equal("of bob", await ReadAsync(store, s_bob));
    }

    private IEnumerable<string> Logins() =>
        _directory.GetFiles("*", SearchOption.AllDirectories).Where(file => file.Extension.Length == 0).Select(file => file.FullName);

    /// <summary>Opens the store as another process does, with a key.</summary>
    private async Task<Func<string, ILoginStore>> StoresAsync(bool shared)
    {
        if (!shared)
            return key => TestLogins.In(_directory, key);
        var database = await (await postgres.StartedAsync()).CreateDatabaseAsync();
        return key => LoginStore.Create(() => new PostgresDatabase(database), "", () => Encoding.ASCII.GetBytes(key), TimeProvider.System);
    }

    private static Task SaveAsync(ILoginStore store, LoginKey key, string secret) =>
        store.ChangeAsync(key, _ => Task.FromResult<(byte[]?, int)>((Encoding.UTF8.GetBytes(secret), 0)), Stop);

    private static Task<string?> ReadAsync(ILoginStore store, LoginKey key) =>
        store.ChangeAsync(
            key,
            content => Task.FromResult<(byte[]?, string?)>((null, content is null ? null : Encoding.UTF8.GetString(content))),
            Stop
        );
}
