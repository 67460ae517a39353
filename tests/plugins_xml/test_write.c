/* SPDX-License-Identifier: EUPL-1.2 */
#include "plugins_xml/fixture.h"
int main(void)
{
    return 0;
}
