using Migrator.Core.Identity;

namespace Migrator.App.Hosting;

/// <summary>An access token that a program prints. When it ends is not known: the program runs again where the server refuses
/// it.</summary>
/// <param name="run">Runs the program.</param>
internal sealed class CommandToken(string token, Func<string> run) : Credential
{
    private readonly Lock _lock = new();
    private string _token = token;

    public override ValueTask<string> GetAsync(CancellationToken cancellationToken) => ValueTask.FromResult(_token);

    public override ValueTask<string?> ReplaceAsync(string refused, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (_token == refused)
                _token = run();
            return ValueTask.FromResult<string?>(_token);
        }
    }
}
