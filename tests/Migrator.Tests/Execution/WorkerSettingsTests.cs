using Microsoft.Extensions.Configuration;
using Migrator.App.Settings;
using Migrator.Core.Failures;
using Xunit;

namespace Migrator.Tests.Execution;

public sealed class WorkerSettingsTests
{
    [Theory]
    [InlineData("Worker:AtOnec")]
    [InlineData("ConnectionStrings:Migratr")]
    public async Task A_misspelt_setting_is_an_error_wherever_it_is(string key)
    {
        var mistake = await Assert.ThrowsAsync<ConfigurationException>(async () =>
            WorkerSettings.Read(await ConfigurationLoader.ReadAsync(null, [$"{key}=x"], TestContext.Current.CancellationToken))
        );

        Assert.Contains("is not known", Assert.Single(mistake.Errors).Message);
    }

    [Fact]
    public void How_often_the_vault_is_read_is_looked_at_though_none_is_named()
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([KeyValuePair.Create("KeyVault:Reload", (string?)"1s")]).Build();

        Assert.Equal(
            "KeyVault:Reload",
            Assert.Single(Assert.Throws<ConfigurationException>(() => VaultSettings.Read(settings)).Errors).Path
        );
    }
}
