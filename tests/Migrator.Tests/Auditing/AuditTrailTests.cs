using System.Security.Cryptography;
using System.Text;
using Migrator.Core.Auditing;
using Migrator.Core.Failures;
using Migrator.Core.Redaction;
using Migrator.Storage.Auditing;
using Migrator.Tests.Telemetry;
using Xunit;

namespace Migrator.Tests.Auditing;

/// <summary>Lines of the audit trail: how they are written, and what a writer that dies leaves.</summary>
public sealed class AuditTrailTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_line_names_the_hash_of_the_one_before_and_anybody_can_compute_it()
    {
        var state = await Trail.WriteAsync(3);
        var previous = new string('0', 64);
        foreach (var line in await File.ReadAllLinesAsync(Assert.Single(Trail.Files(state)), Stop))
        {
            var at = line.LastIndexOf(",\"hash\":\"", StringComparison.Ordinal);
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(line[..at] + "}")));
            Assert.Equal($",\"hash\":\"{hash}\"}}", line[at..]);
            Assert.Contains($"\"prev\":\"{previous}\"", line);
            previous = hash;
        }
        Assert.Equal(previous, Trail.Verify(state).Head);
        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public async Task Nobody_but_its_owner_can_read_it()
    {
        if (OperatingSystem.IsWindows())
            return;
        var state = await Trail.WriteAsync(1);
        const UnixFileMode mine = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Assert.All(
            [.. Trail.Files(state), Path.Combine(state, "audit", "lock"), Path.Combine(state, "audit.head")],
            file => Assert.Equal(mine, File.GetUnixFileMode(file))
        );
        Assert.Equal(mine | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.Combine(state, "audit")));
        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public async Task No_name_forges_a_line_or_brings_a_control_character_or_a_secret()
    {
        var (state, secret) = (Directory.CreateTempSubdirectory("audit").FullName, new PlantedSecret());
        SecretRedactor.Add(secret.ToString());
        var name =
            "move\",\"outcome\":\"done\"}\n{\"v\":1,\"seq\":2}\r\u001b[2J\u202e\u2028\ud800\0"
            + secret.AllForms()
            + new string('x', 100_000);
        using (var trail = new AuditTrail(state, TimeProvider.System))
            await trail.AppendAsync(
                new AuditEntry(
                    AuditEvent.JobPaused,
                    new AuditActor(AuditActor.Page, name) { Address = name },
                    AuditSubject.Of(("job", name)),
                    AuditOutcome.Failed,
                    name
                ),
                Stop
            );

        var bytes = await File.ReadAllBytesAsync(Assert.Single(Trail.Files(state)), Stop);
        Assert.Equal(bytes.Length - 1, Array.IndexOf(bytes, (byte)'\n'));
        Assert.All(bytes[..^1], value => Assert.InRange(value, (byte)0x20, (byte)0x7e));
        Assert.InRange(bytes.Length, 1, AuditLine.Longest);
        secret.ShouldNotBeIn(Encoding.ASCII.GetString(bytes));
        var line = Assert.Single(Trail.Lines(state));
        Assert.StartsWith("move\",\"outcome\":\"done\"}\n{", Trail.Text(line, "what", "job"));
        Assert.Contains("***", Trail.Text(line, "detail"));
        Assert.Equal("failed", Trail.Text(line, "outcome"));
        secret.ShouldNotBeIn(
            string.Join(' ', Trail.Text(line, "detail"), Trail.Text(line, "what", "job"), Trail.Text(line, "who", "name"))
        );
        Assert.Equal(0, Trail.Verify(state).FaultCount);
        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public async Task The_chain_goes_on_from_file_to_file()
    {
        var state = await Trail.WriteAsync(60, fileSize: 2000);
        Assert.InRange(Trail.Files(state).Count, 5, 60);
        Assert.All(Trail.Files(state), file => Assert.InRange(new FileInfo(file).Length, 1, 2000));
        var report = Trail.Verify(state);
        Assert.Equal((0, 60, 1, 60), (report.FaultCount, report.Lines, report.First, report.Last));

        // What is moved away is missed, unless its hash is given.
        var moved = Trail.Files(state)[0];
        var hash = AuditLine.Read(Encoding.ASCII.GetBytes((await File.ReadAllLinesAsync(moved, Stop))[^1]))!.Hash;
        File.Delete(moved);
        Assert.Contains("what was before it is not here", Assert.Single(Trail.Verify(state).Faults).What);
        Assert.Equal(0, Trail.Verify(state, hash).FaultCount);
        Assert.NotEqual(0, Trail.Verify(state, new string('a', 64)).FaultCount);
        Directory.Delete(state, recursive: true);
    }

    [Theory]
    [InlineData("{\"v\":1,\"seq\":4,\"time\"")]
    [InlineData("{\"v\":1}\n{\"half\":")]
    [InlineData("\0\0\0\0\0\0\0\0\n")]
    [InlineData("\n")]
    public async Task What_a_dead_writer_left_is_sealed_off_and_told(string rest)
    {
        var state = await Trail.WriteAsync(3);
        await File.AppendAllTextAsync(Trail.Files(state)[0], rest, Stop);
        using (var trail = new AuditTrail(state, TimeProvider.System))
        {
            Assert.Equal(5, (await trail.AppendAsync(Trail.Entry("later"), Stop)).Sequence);
            Assert.Equal(6, (await trail.AppendAsync(Trail.Entry("later still"), Stop)).Sequence);
        }

        var report = Trail.Verify(state);
        Assert.Equal((0, 6), (report.FaultCount, report.Last));
        Assert.Contains("a writer ended while it wrote them", Assert.Single(report.Notes).What);
        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public async Task Half_a_line_at_the_end_is_told_before_it_is_sealed_off()
    {
        var state = await Trail.WriteAsync(3);
        await File.AppendAllTextAsync(Trail.Files(state)[0], "{\"v\":1,", Stop);

        var report = Trail.Verify(state);

        Assert.Equal(0, report.FaultCount);
        Assert.Contains("not a complete line", Assert.Single(report.Notes).What);
        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public async Task A_writer_that_died_before_it_could_note_the_head_loses_nothing()
    {
        var state = await Trail.WriteAsync(3);
        var head = await File.ReadAllBytesAsync(Path.Combine(state, "audit.head"), Stop);
        using (var trail = new AuditTrail(state, TimeProvider.System))
        {
            await trail.AppendAsync(Trail.Entry("fourth"), Stop);
            await File.WriteAllBytesAsync(Path.Combine(state, "audit.head"), head, Stop);
            Assert.Equal(0, Trail.Verify(state).FaultCount);
            Assert.Equal(5, (await trail.AppendAsync(Trail.Entry("fifth"), Stop)).Sequence);
        }
        Assert.Equal((0, 5), (Trail.Verify(state).FaultCount, Trail.Verify(state).Lines));
        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public async Task Where_it_cannot_be_written_nothing_is_done()
    {
        var state = Directory.CreateTempSubdirectory("audit").FullName;
        // A file in place of the directory: no user has the right to that, not even root.
        await File.WriteAllTextAsync(Path.Combine(state, "audit"), "", Stop);
        var done = false;

        var exception = await Assert.ThrowsAsync<StorageException>(() =>
            Trail
                .Auditor(state)
                .ActAsync(
                    AuditEvent.ArchivePruned,
                    [],
                    () =>
                    {
                        done = true;
                        return Task.CompletedTask;
                    }
                )
        );

        Assert.Equal(Reason.AuditUnwritable, exception.Reason);
        Assert.StartsWith("Nothing was done, because it cannot be recorded.", exception.Message);
        Assert.False(done);
        // What happens anyhow is not held up.
        await Trail.Auditor(state).NoteAsync(AuditEvent.LoggedIn, [], AuditOutcome.Done);
        Directory.Delete(state, recursive: true);
    }

    [Fact]
    public async Task An_act_is_on_record_before_it_is_done_and_again_with_its_end()
    {
        var state = Directory.CreateTempSubdirectory("audit").FullName;
        var auditor = Trail.Auditor(state).As(Trail.Ann);
        await auditor.ActAsync(
            AuditEvent.JobPaused,
            AuditSubject.Of(("job", "move")),
            () =>
            {
                Assert.Equal(["JobPaused begun"], Trail.Told(state));
                return Task.CompletedTask;
            }
        );
        await Assert.ThrowsAsync<InvalidOperationException>(() =>
            auditor.ActAsync(
                AuditEvent.JobResumed,
                AuditSubject.Of(("job", "move")),
                () => throw new InvalidOperationException("no such job")
            )
        );

        Assert.Equal(["JobPaused begun", "JobPaused done", "JobResumed begun", "JobResumed failed"], Trail.Told(state));
        var failed = Trail.Lines(state)[3];
        Assert.Equal(
            ("3", "no such job", "ann@example.org", "192.0.2.7", "page", "move"),
            (
                Trail.Text(failed, "of"),
                Trail.Text(failed, "detail"),
                Trail.Text(failed, "who", "name"),
                Trail.Text(failed, "who", "address"),
                Trail.Text(failed, "who", "kind"),
                Trail.Text(failed, "what", "job")
            )
        );
        Directory.Delete(state, recursive: true);
    }
}
