// Counts words of C++: streams, strings and containers of the standard library.
//
//     vspc --cc examples/c/names.cc <README.md
#include <iostream>
#include <map>
#include <string>

int main()
{
	std::map<std::string, int> counts;
	for (std::string word; std::cin >> word;)
		counts[word]++;
	for (const auto &[word, count] : counts)
		if (count > 9)
			std::cout << count << ' ' << word << '\n';
}
