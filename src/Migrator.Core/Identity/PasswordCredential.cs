namespace Migrator.Core.Identity;

public sealed class PasswordCredential(string password) : Credential
{
    public override ValueTask<string> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(password);
}
