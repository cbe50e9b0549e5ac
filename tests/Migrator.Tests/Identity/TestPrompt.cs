using Migrator.Core.Identity;

namespace Migrator.Tests.Identity;

/// <summary>A person who logs in.</summary>
internal sealed class TestPrompt : ILoginPrompt
{
    private readonly List<string> _rejected = [];

    public Action<Uri, string> Code { get; init; } = (_, _) => throw new InvalidOperationException("No code was expected.");

    public Action<Uri> Page { get; init; } = _ => throw new InvalidOperationException("No page was expected.");

    /// <summary>What is pasted; never anything where there is none.</summary>
    public Func<CancellationToken, Task<string>> Address { get; init; } =
        async stop =>
        {
            await Task.Delay(Timeout.Infinite, stop);
            return "";
        };

    public IReadOnlyList<string> Rejected => _rejected;

    public void ShowCode(Uri page, string code, TimeSpan validFor) => Code(page, code);

    public void ShowPage(Uri page) => Page(page);

    public Task<string> ReadAddressAsync(CancellationToken cancellationToken) => Address(cancellationToken);

    public void Reject(string why) => _rejected.Add(why);
}
