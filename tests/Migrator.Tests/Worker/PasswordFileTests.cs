using Migrator.App.Output;
using Migrator.Tests.Migrations;
using Migrator.Tests.Servers;
using Xunit;

namespace Migrator.Tests.Worker;

/// <summary>The passwords of many mailboxes in one file, as a spreadsheet writes it.</summary>
public sealed class PasswordFileTests(DovecotFixture servers)
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Theory]
    [InlineData("user,password\n{0},{1}\n{2},{1}\n")]
    [InlineData("sep=;\r\nName;password;user\r\n\"Ann; of sales\";\"{1}\";{0}\r\nBob;{1};{2}\r\n")]
    public async Task Each_mailbox_logs_in_with_its_line(string text)
    {
        await using var harness = new Harness(servers.Old, servers.New);
        var job = Write(harness, text, Private | UnixFileMode.GroupRead);

        var (code, output, errors) = await MigratorProcess.RunAsync(harness.State, "check", job);

        Assert.True(code == ExitCode.Success, output + errors);
    }

    [Theory]
    [InlineData(
        "user,password\n{0},{1}\n{2},{1}\n",
        Private | UnixFileMode.OtherRead,
        "it is open to every user of this machine. Run \"chmod o-rwx\" on it."
    )]
    [InlineData("user,password\n{0},{1}\n", Private, "it has no line for ")]
    [InlineData("user,password\n{0},{1}\n{2},\n", Private, "line 3 has no password for ")]
    [InlineData("user,password\n{0},{1}\n{2},{1}\n{2},{1}\n", Private, " twice, in lines 3 and 4. Remove one.")]
    [InlineData("{0},{1}\n{2},{1}\n", Private, "its first line must name the columns \"user\" and \"password\".")]
    [InlineData("", Private, "it has no lines; the first one must be \"user,password\".")]
    public async Task What_is_wrong_with_the_file_is_said_without_a_password(string text, UnixFileMode mode, string said)
    {
        await using var harness = new Harness(servers.Old, servers.New);
        var job = Write(harness, text, mode);

        var (code, output, errors) = await MigratorProcess.RunAsync(harness.State, "check", job);

        Assert.True(code == ExitCode.Configuration && errors.Contains(said, StringComparison.Ordinal), $"{code}: {output}{errors}");
        Assert.DoesNotContain(
            DovecotServer.Password,
            errors.Replace("password", "", StringComparison.OrdinalIgnoreCase).Replace("passphrase", "", StringComparison.Ordinal)
        );
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named()
    {
        await using var harness = new Harness(servers.Old, servers.New);
        var job = Write(harness, "user,password\n", Private);
        File.Delete(Path.Combine(harness.State, "passwords.csv"));

        var (code, _, errors) = await MigratorProcess.RunAsync(harness.State, "check", job);

        Assert.Equal(ExitCode.Configuration, code);
        Assert.Contains($"passwordFile {Path.Combine(harness.State, "passwords.csv")}: it cannot be read", errors);
    }

    private static string Write(Harness harness, string passwords, UnixFileMode mode)
    {
        var file = Path.Combine(harness.State, "passwords.csv");
        File.WriteAllText(
            file,
            passwords
                .Replace("{0}", harness.SourceUser, StringComparison.Ordinal)
                .Replace("{1}", DovecotServer.Password, StringComparison.Ordinal)
                .Replace("{2}", harness.TargetUser, StringComparison.Ordinal)
        );
        File.SetUnixFileMode(file, mode);
        var job = Path.Combine(harness.State, "job.json");
        File.WriteAllText(
            job,
            $$"""
            {
              "source": { "host": "localhost", "port": {{harness.Job.Source.Port}},
                  "user": "{{harness.SourceUser}}", "passwordFile": "passwords.csv",
                  "certificate": { "fingerprint": "sha256:{{harness.Old.Fingerprint}}" } },
              "target": { "host": "localhost", "port": {{harness.Job.Target.Port}},
                  "user": "{{harness.TargetUser}}", "passwordFile": "passwords.csv",
                  "certificate": { "fingerprint": "{{harness.New.Fingerprint}}" } }
            }
            """
        );
        return job;
    }
}
