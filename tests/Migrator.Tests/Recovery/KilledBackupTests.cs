using Migrator.App.Output;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Migrator.Tests.Worker;
using Xunit;
using static Migrator.Tests.Migrations.Letters;

namespace Migrator.Tests.Recovery;

/// <summary>A backup killed outright, at other moments each time; the next one need not wait for its lease, and ends what is
/// left.</summary>
public sealed class KilledBackupTests(DovecotFixture servers)
{
    [Fact]
    public async Task Killed_at_any_fetch_the_archive_is_whole()
    {
        MigratorProcess? running = null;
        var (fetches, killAt, kills) = (0, 0, 0);
        await using var proxy = new LoopbackProxy(servers.Old.ImapPort)
        {
            CutWhen = (fromServer, text) =>
            {
                if (fromServer || !text.Contains("BODY.PEEK", StringComparison.Ordinal) || Interlocked.Increment(ref fetches) != killAt)
                    return false;
                running!.Kill();
                kills++;
                return true;
            },
        };
        await using var mail = new Harness(servers.Old, servers.New);
        await using (var source = await mail.SourceAsync())
        {
            await FillAsync(source, "INBOX", 0, 60, size: 20_000);
            await source.CreateAsync("Work");
            await FillAsync(source, "Work", 1000, 40);
        }
        var (archive, job) = (Path.Combine(mail.State, "archive"), Path.Combine(mail.State, "job.json"));
        await File.WriteAllTextAsync(
            job,
            $$"""
            {
              "kind": "backup",
              "source": { "host": "localhost", "port": {{proxy.Port}}, "tls": "none",
                  "user": "{{mail.SourceUser}}", "password": "env:MIGRATOR_SOURCE_PASSWORD" },
              "archive": { "location": "archive" }
            }
            """,
            TestContext.Current.CancellationToken
        );
        await RunAsync("archive", "init", archive);
        await RunAsync("run", job);

        foreach (var moment in new[] { 1, 2, 1 })
        {
            await using (var source = await mail.SourceAsync())
            {
                await FillAsync(source, "INBOX", 100 * (kills + 1), 5, size: 20_000);
                await FillAsync(source, "Work", 2000 + (100 * kills), 5);
            }
            (fetches, killAt) = (0, moment);
            running = MigratorProcess.Start(mail.State, "run", job);
            await running.EndAsync();
            running.Dispose();
            killAt = 0;
            await RunAsync("archive", "check", archive, "--read-data");
        }
        await RunAsync("run", job);

        Assert.Equal(3, kills);
        await RunAsync("archive", "check", archive, "--read-data");
        await RunAsync(
            "restore",
            archive,
            "--to",
            $"imaps://{mail.TargetUser}@localhost:{servers.New.ImapsPort}?fingerprint={servers.New.Fingerprint}"
        );
        (await mail.SourceContentAsync()).ShouldEqual(await mail.TargetContentAsync());

        async Task RunAsync(params string[] arguments)
        {
            var (code, output, errors) = await MigratorProcess.RunAsync(mail.State, arguments);
            Assert.True(code == ExitCode.Success, $"{string.Join(' ', arguments)}: {code}\n{output}{errors}");
        }
    }
}
