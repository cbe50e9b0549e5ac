using Migrator.Core.Failures;
using Migrator.Core.Redaction;
using Migrator.Core.Secrets;
using Xunit;

namespace Migrator.Tests.Jobs;

/// <summary>Secrets that programs print.</summary>
public sealed class CommandSecretTests
{
    private static readonly SecretResolver s_resolver = new(null, _ => new SettingLookup(null, "there are no settings."));

    [Theory]
    [InlineData("echo hunter-two", "hunter-two")]
    [InlineData("printf 'hunter-two\\r\\nanother line\\n'", "hunter-two")]
    [InlineData("printf ' hunter two '", " hunter two ")]
    [InlineData("printf \"$MIGRATOR_USER-secret\"", "ann'; x-secret")]
    [InlineData("cat; echo at the end of input", "at the end of input")]
    [InlineData("yes | head -c 10000000 >&2; echo hunter-two", "hunter-two")]
    public void The_first_line_is_the_secret(string line, string secret)
    {
        Assert.Equal(secret, Resolve(line));
        Assert.Equal(SecretRedactor.Mask, SecretRedactor.Redact(secret));
    }

    [Theory]
    [InlineData("echo hunter-three; echo it is locked >&2; exit 3", "the command failed (exit code 3): it is locked")]
    [InlineData("no-such-program-of-mine", "the command failed (exit code 127)")]
    [InlineData("true", "the command printed nothing.")]
    [InlineData("echo; echo second", "the command printed nothing.")]
    public void What_goes_wrong_is_said_without_what_was_printed(string line, string why)
    {
        var error = Assert.Single(Assert.Throws<ConfigurationException>(() => Resolve(line)).Errors);

        Assert.StartsWith(why, error.Message);
        Assert.Equal($"command:{line}", error.Path);
        Assert.DoesNotContain("hunter-three", error.Message);
    }

    private static string Resolve(string line) =>
        s_resolver.Resolve(new SecretReference(SecretSource.Command, line) { User = "ann'; x" }, "password of ann");
}
