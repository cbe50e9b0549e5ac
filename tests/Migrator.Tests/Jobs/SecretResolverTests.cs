using Migrator.Core.Failures;
using Migrator.Core.Secrets;
using Xunit;

namespace Migrator.Tests.Jobs;

public sealed class SecretResolverTests : IDisposable
{
    private static readonly Func<string, SettingLookup> s_none = _ => new SettingLookup(null, "there are no settings.");

    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("hunter2", "hunter2")]
    [InlineData("hunter2\n", "hunter2")]
    [InlineData("hunter2\r\n", "hunter2")]
    [InlineData("hunter2\n\n", "hunter2\n")]
    [InlineData(" h\u00fcnter 2 ", " h\u00fcnter 2 ")]
    public void A_file_holds_the_secret_and_one_line_end(string content, string secret)
    {
        File.WriteAllText(_file, content);
        Assert.Equal(secret, new SecretResolver(null, s_none).Resolve(new(SecretSource.File, _file), "password of ann"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("\n")]
    public void An_empty_file_holds_none(string content)
    {
        File.WriteAllText(_file, content);
        Assert.EndsWith("is empty.", Refused(new(SecretSource.File, _file)).Message);
    }

    [Fact]
    public void A_missing_file_is_named()
    {
        var error = Refused(new(SecretSource.File, _file + ".not"));
        Assert.Equal(($"file:{_file}.not", "there is no such file."), (error.Path, error.Message));
    }

    [Fact]
    public void An_environment_variable_holds_the_secret()
    {
        var name = $"MIGRATOR_TEST_{Guid.NewGuid():N}";
        Assert.StartsWith($"the environment variable {name} is not set.", Refused(new(SecretSource.Env, name)).Message);
        Environment.SetEnvironmentVariable(name, "hunter2\n");
        try
        {
            Assert.Equal("hunter2\n", new SecretResolver(null, s_none).Resolve(new(SecretSource.Env, name), "password of ann"));
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, null);
        }
    }

    [Fact]
    public void A_person_is_asked_with_the_purpose()
    {
        string? asked = null;
        var resolver = new SecretResolver(
            purpose =>
            {
                asked = purpose;
                return "hunter2";
            },
            s_none
        );
        Assert.Equal("hunter2", resolver.Resolve(new(SecretSource.Prompt, ""), "password of ann"));
        Assert.Equal("password of ann", asked);
    }

    [Fact]
    public void Without_a_person_there_is_nobody_to_ask() =>
        Assert.StartsWith("cannot prompt: no interactive terminal.", Refused(new(SecretSource.Prompt, "")).Message);

    [Fact]
    public void A_setting_is_looked_up_by_its_name()
    {
        var resolver = new SecretResolver(
            null,
            name => name == "Mailboxes:ann" ? new SettingLookup("hunter2", "") : new SettingLookup(null, "there is none.")
        );

        Assert.Equal("hunter2", resolver.Resolve(SecretReference.Parse("setting:Mailboxes:ann", "/")!, "password of ann"));
        var exception = Assert.Throws<ConfigurationException>(() =>
            resolver.Resolve(SecretReference.Parse("setting:Mailboxes:bob", "/")!, "password of bob")
        );
        Assert.Equal("password of bob", exception.File);
        Assert.Equal(new ConfigurationError("setting:Mailboxes:bob", "there is none."), Assert.Single(exception.Errors));
        Assert.Null(SecretReference.Parse("setting:", "/"));
    }

    private static ConfigurationError Refused(SecretReference reference) =>
        Assert.Single(
            Assert.Throws<ConfigurationException>(() => new SecretResolver(null, s_none).Resolve(reference, "password of ann")).Errors
        );
}
