using Facility.Domain.Access;

namespace Facility.Server.Api.Access;

/// <summary>
/// How often one may try to sign in: from an address, to an account from an address, and to an account from all addresses that it has not
/// been signed in to from before. So guessing is slow from one place and from many, and whoever guesses locks nobody out of an account who
/// has signed in to it from where he is: his tries are counted apart.
/// </summary>
internal sealed class SignInLimits(TimeProvider time)
{
    private const int MostKnown = 10_000;
    private readonly Allowances _address = new(new Rate(20, TimeSpan.FromSeconds(10)), time);
    private readonly Allowances _pair = new(new Rate(5, TimeSpan.FromSeconds(30)), time);
    private readonly Allowances _account = new(new Rate(50, TimeSpan.FromSeconds(30)), time);
    private readonly HashSet<(string Account, string Address)> _known = [];
    private readonly Lock _gate = new();

    /// <summary>Zero where it may be tried; else how long to wait.</summary>
    public TimeSpan Take(string account, string address)
    {
        var wait = _address.Take(address);
        wait = wait > TimeSpan.Zero ? wait : _pair.Take($"{address} {account}");
        return wait > TimeSpan.Zero || IsKnown(account, address) ? wait : _account.Take(account);
    }

    /// <summary>It was the right person: the try does not count, and the address is known from now on.</summary>
    public void Succeeded(string account, string address)
    {
        _address.GiveBack(address);
        _pair.GiveBack($"{address} {account}");
        _account.GiveBack(account);
        lock (_gate)
        {
            if (_known.Count >= MostKnown)
            {
                _known.Clear();
            }

            _known.Add((account, address));
        }
    }

    private bool IsKnown(string account, string address)
    {
        lock (_gate)
        {
            return _known.Contains((account, address));
        }
    }
}
